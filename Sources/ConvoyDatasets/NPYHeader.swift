/// The header of a NumPy array file (NumPy Enhancement Proposal 1, versions 1 to 3).
///
/// Layout: `\x93NUMPY`, two bytes of version, the length of the text in two bytes (version 1) or
/// four, little-endian, and the text: a Python dictionary of `descr`, `fortran_order` and `shape`.
struct NPYHeader: Equatable {
  /// For example `|u1`, or `<i8`.
  let type: String
  let isFortranOrder: Bool
  let shape: [Int]
  /// Where the elements begin.
  let size: Int

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// As many as version 1 can have.
  private static let longestText = 65_535

  init(from source: some ByteSource) throws(DatasetError) {
    let beginning = try source.take(8, at: 0)
    guard beginning.starts(with: Self.magic) else {
      throw .damaged(
        file: source.path, at: .byte(0), expected: "\\x93NUMPY",
        found: DatasetError.quoted(beginning.prefix(6)))
    }
    let version = beginning[6]
    guard (1...3).contains(version), beginning[7] == 0 else {
      throw .damaged(
        file: source.path, at: .byte(6), expected: "version 1.0, 2.0 or 3.0",
        found: "\(version).\(beginning[7])")
    }
    let lengthSize = version == 1 ? 2 : 4
    let length = try source.take(lengthSize, at: 8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.longestText else {
      throw .damaged(
        file: source.path, at: .byte(8),
        expected: "a header of at most \(Self.longestText) bytes", found: "\(length)")
    }
    size = 8 + lengthSize + length
    var parser = NPYHeaderParser(
      try source.take(length, at: 8 + lengthSize), file: source.path, offset: 8 + lengthSize)
    (type, isFortranOrder, shape) = try parser.header()
  }

  /// The number of elements; nil if it overflows.
  var count: Int? {
    var product = 1
    for length in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      if overflow { return nil }
      product = next
    }
    return product
  }
}

/// Parses the text of a header, a literal of Python, strictly: its three keys, each once, in any
/// order.
private struct NPYHeaderParser {
  private let text: [UInt8]
  private let file: String
  /// Of the text in the file.
  private let offset: Int
  private var position = 0

  init(_ text: [UInt8], file: String, offset: Int) {
    self.text = text
    self.file = file
    self.offset = offset
  }

  mutating func header() throws(DatasetError) -> (String, Bool, [Int]) {
    var type: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try require("{")
    while !skip("}") {
      let key = try string()
      try require(":")
      switch key {
      case "descr" where type == nil: type = try string()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default: throw damage("descr, fortran_order and shape, each once")
      }
      guard skip(",") else {
        try require("}")
        break
      }
    }
    skipSpaces()
    guard position == text.count else { throw damage("the end of the header") }
    guard let type, let isFortranOrder, let shape else {
      throw damage("descr, fortran_order and shape")
    }
    return (type, isFortranOrder, shape)
  }

  private mutating func string() throws(DatasetError) -> String {
    skipSpaces()
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw damage("a text in quotes")
    }
    let rest = text[(position + 1)...]
    guard let end = rest.firstIndex(of: quote),
      rest[..<end].allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
    else { throw damage("a text of printable letters in quotes") }
    position = end + 1
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(DatasetError) -> Bool {
    if skip("True") { return true }
    guard skip("False") else { throw damage("True or False") }
    return false
  }

  private mutating func tuple() throws(DatasetError) -> [Int] {
    var numbers: [Int] = []
    try require("(")
    while !skip(")") {
      numbers.append(try number())
      guard skip(",") else {
        try require(")")
        break
      }
    }
    return numbers
  }

  private mutating func number() throws(DatasetError) -> Int {
    skipSpaces()
    let digits = text[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !digits.isEmpty, let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw damage("a length")
    }
    position = digits.endIndex
    return number
  }

  private var next: UInt8? { position < text.count ? text[position] : nil }

  private mutating func skipSpaces() {
    while next == 0x20 || next == 0x0A { position += 1 }
  }

  /// Skips spaces, then `word` if it follows.
  private mutating func skip(_ word: StaticString) -> Bool {
    skipSpaces()
    let letters = Array("\(word)".utf8)
    guard text[position...].starts(with: letters) else { return false }
    position += letters.count
    return true
  }

  private mutating func require(_ word: StaticString) throws(DatasetError) {
    guard skip(word) else { throw damage("\(word)") }
  }

  private func damage(_ expected: String) -> DatasetError {
    .damaged(
      file: file, at: .byte(offset + position), expected: expected,
      found: position < text.count ? DatasetError.quoted(text[position...]) : "the end")
  }
}
