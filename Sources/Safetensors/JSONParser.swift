/// A strict reader of JSON (RFC 8259), for headers of files from anywhere.
///
/// It refuses what lenient readers let pass and what a header has no use for: names given twice,
/// fractions and exponents, numbers outside `Int`, lone surrogates, bytes that are not UTF-8, and
/// deep nesting, which would cost stack. Names that differ only in how an accented letter is
/// encoded count as the same, as they do in Swift's dictionaries.
struct JSONParser {
  /// A header nests three deep; a little more gives better messages for what is not a header.
  static let greatestDepth = 8
  static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

  let bytes: [UInt8]
  var position = 0

  /// The members of a text that is one object: its brace comes first, where JSON would allow
  /// spaces, and after it only spaces may come.
  static func parseObject(_ bytes: [UInt8]) throws(JSONError) -> [JSONMember] {
    var parser = JSONParser(bytes: bytes)
    guard parser.next == UInt8(ascii: "{") else { throw parser.error(expected: "'{'") }
    let members = try parser.members(depth: 1)
    while parser.next == UInt8(ascii: " ") { parser.position += 1 }
    if parser.next != nil { throw parser.error(expected: "only spaces after the header's object") }
    return members
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The byte at the current position; nil at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    switch next {
    case UInt8(ascii: "{"):
      return .object(try members(depth: depth))
    case UInt8(ascii: "["):
      return .array(try elements(depth: depth))
    case UInt8(ascii: "\""):
      return .string(try string())
    case let byte? where byte == UInt8(ascii: "-") || Self.digits.contains(byte):
      return .integer(try integer())
    default:
      throw error(expected: "an object, an array, a string or a whole number")
    }
  }

  private mutating func members(depth: Int) throws(JSONError) -> [JSONMember] {
    var members: [JSONMember] = []
    var names: Set<String> = []
    try open(depth: depth)
    if take(UInt8(ascii: "}")) { return members }
    while true {
      let start = position
      let name = try string()
      if !names.insert(name).inserted {
        throw JSONError(offset: start, expected: "distinct names", found: "\(quoted(name)) again")
      }
      skipWhitespace()
      if !take(UInt8(ascii: ":")) { throw error(expected: "':'") }
      skipWhitespace()
      members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
      skipWhitespace()
      if take(UInt8(ascii: "}")) { return members }
      if !take(UInt8(ascii: ",")) { throw error(expected: "',' or '}'") }
      skipWhitespace()
    }
  }

  private mutating func elements(depth: Int) throws(JSONError) -> [JSONValue] {
    var elements: [JSONValue] = []
    try open(depth: depth)
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value(depth: depth + 1))
      skipWhitespace()
      if take(UInt8(ascii: "]")) { return elements }
      if !take(UInt8(ascii: ",")) { throw error(expected: "',' or ']'") }
      skipWhitespace()
    }
  }

  /// Steps over the opening bracket of an object or array.
  private mutating func open(depth: Int) throws(JSONError) {
    if depth > Self.greatestDepth {
      throw error(expected: "at most \(Self.greatestDepth) levels of nesting")
    }
    position += 1
    skipWhitespace()
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipWhitespace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  /// An error at the current position, whose byte is what was found.
  func error(expected: String) -> JSONError {
    let found =
      switch next {
      case nil: "the end of the header"
      case let byte? where (0x20..<0x7F).contains(byte): "'\(Character(Unicode.Scalar(byte)))'"
      case let byte?: "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    return JSONError(offset: position, expected: expected, found: found)
  }
}
