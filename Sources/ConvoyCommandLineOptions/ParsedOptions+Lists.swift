extension ParsedOptions {
  /// The texts between commas, none of them empty.
  package func list(_ name: String) throws(UsageError) -> [String]? {
    guard let text = string(name) else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains("") else {
      throw .invalidValue(
        option: "--\(name)", expected: "values separated by commas", found: text, suggestion: nil)
    }
    return parts
  }

  /// Whole numbers between commas: `1,2,4`.
  package func integers(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> [Int]? {
    guard let parts = try list(name) else { return nil }
    let bounds = ValueBounds.closed(range)
    var numbers: [Int] = []
    for part in parts {
      guard let number = Int(part), bounds.contains(number) else {
        throw .invalidValue(
          option: "--\(name)", expected: "whole numbers\(bounds.phrase), separated by commas",
          found: part, suggestion: nil)
      }
      numbers.append(number)
    }
    return numbers
  }
}
