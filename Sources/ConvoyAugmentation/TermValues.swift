/// The values of a term, as they are written.
struct TermValues {
  /// The whole term, for errors.
  let term: String
  let parts: [Substring]

  func none(_ form: String) throws(AugmentationError) { try count(0...0, form) }

  func count(_ counts: ClosedRange<Int>, _ form: String) throws(AugmentationError) {
    guard counts.contains(parts.count) else {
      let found = parts.isEmpty ? "no value" : "\(parts.count) value\(parts.count == 1 ? "" : "s")"
      throw .invalidTerm(term, expected: form, found: found)
    }
  }

  /// The only value.
  func number(_ form: String, of range: ClosedRange<Double>) throws(AugmentationError) -> Double {
    try count(1...1, form)
    return try number(0, form, range)
  }

  /// Two values in order; `highest` is the second if it is not written.
  func range(
    _ form: String, of limits: ClosedRange<Double>, to highest: Double?
  ) throws(AugmentationError) -> ClosedRange<Double> {
    try count(highest == nil ? 2...2 : 1...2, form)
    let low = try number(0, form, limits)
    let high =
      if let highest, parts.count == 1 { highest } else { try number(1, form, limits) }
    guard low <= high else {
      throw .invalidTerm(
        term, expected: "\(form), ascending", found: "\(parts[0]) before \(parts[1])")
    }
    return low...high
  }

  func number(
    _ index: Int, _ what: String, _ range: ClosedRange<Double>
  ) throws(AugmentationError) -> Double {
    guard let number = Decimal.number(parts[index]), range.contains(number) else {
      let limits = "\(Decimal.text(range.lowerBound)) to \(Decimal.text(range.upperBound))"
      throw .invalidTerm(
        term, expected: "\(what) from \(limits), with at most six decimals",
        found: AugmentationError.quoted(String(parts[index])))
    }
    return number
  }

  func integer(
    _ index: Int, _ what: String, _ range: ClosedRange<Int>
  ) throws(AugmentationError) -> Int {
    guard Decimal.isDigits(parts[index]), parts[index].utf8.count <= 9,
      let number = Int(parts[index]), range.contains(number)
    else {
      throw .invalidTerm(
        term, expected: "whole \(what) from \(range.lowerBound) to \(range.upperBound)",
        found: AugmentationError.quoted(String(parts[index])))
    }
    return number
  }

  /// Whether the value is there; it can only be this word.
  func word(_ index: Int, _ word: String) throws(AugmentationError) -> Bool {
    guard index < parts.count else { return false }
    guard parts[index] == word else {
      throw .invalidTerm(
        term, expected: "'\(word)' or nothing",
        found: AugmentationError.quoted(String(parts[index])))
    }
    return true
  }
}

/// Decimal numbers with at most six digits on either side of the point, so that text and number
/// determine each other.
enum Decimal {
  static func number(_ text: Substring) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ isDigits($0) && $0.utf8.count <= 6 }),
      let whole = Int(parts[0])
    else { return nil }
    var millionths = 0
    if parts.count == 2 {
      let digits = parts[1] + String(repeating: "0", count: 6 - parts[1].utf8.count)
      millionths = Int(digits) ?? 0
    }
    return Double(whole * 1_000_000 + millionths) / 1_000_000
  }

  /// The text of a number that is a multiple of a millionth, without trailing zeros.
  static func text(_ number: Double) -> String {
    let millionths = Int((number * 1_000_000).rounded())
    let (whole, rest) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
    var digits = String(1_000_000 + rest).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return rest == 0 ? "\(whole)" : "\(whole).\(digits)"
  }

  static func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
