/// A strict JSON parser (RFC 8259) for untrusted input.
///
/// It refuses what lenient parsers accept: duplicate names, lone surrogates, bytes that are not
/// UTF-8, and deep nesting, which would exhaust the stack. Names that differ only in how an
/// accented letter is encoded are duplicates, as they are in Swift's dictionaries.
package struct JSONParser {
  /// The parser recurses once per level. A residual connection takes two levels, so thirty can be
  /// nested.
  static let greatestDepth = 64
  static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

  let bytes: [UInt8]
  var position = 0
  /// The value that is being read.
  var place = JSONPlace()

  /// Parses a whole text, which white space may surround. A leading byte order mark, which some
  /// editors write, is ignored, as RFC 8259 allows.
  package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    if bytes.starts(with: byteOrderMark) { parser.position = byteOrderMark.count }
    if isWide(bytes) {
      throw JSONError(
        offset: 0, place: JSONPlace(), expected: "text in UTF-8", found: "UTF-16 or UTF-32")
    }
    parser.skipWhitespace()
    let value = try parser.value(depth: 1)
    parser.skipWhitespace()
    if parser.next != nil { throw parser.error(expected: "the end") }
    return value
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Whether a text is UTF-16 or UTF-32: it begins with such a byte order mark, or one of its first
  /// two bytes is zero, which is impossible in JSON in UTF-8.
  private static func isWide(_ bytes: [UInt8]) -> Bool {
    let start = bytes.prefix(2)
    return start.contains(0) || [[0xFE, 0xFF], [0xFF, 0xFE]].contains(Array(start))
  }

  /// Parses a text that is a single object. Unlike in plain JSON, the text must begin with its
  /// brace, and only spaces may follow it.
  package static func parseObject(_ bytes: [UInt8]) throws(JSONError) -> [JSONMember] {
    var parser = JSONParser(bytes: bytes)
    guard parser.next == UInt8(ascii: "{") else { throw parser.error(expected: "'{'") }
    let members = try parser.members(depth: 1)
    while parser.next == UInt8(ascii: " ") { parser.position += 1 }
    if parser.next != nil { throw parser.error(expected: "only spaces after the object") }
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
      return .number(try number())
    case UInt8(ascii: "t") where take("true"): return .boolean(true)
    case UInt8(ascii: "f") where take("false"): return .boolean(false)
    case UInt8(ascii: "n") where take("null"): return .null
    default:
      throw error(expected: "a value")
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
        throw JSONError(
          offset: start, place: place, expected: "distinct names", found: "\(quoted(name)) again")
      }
      skipWhitespace()
      if !take(UInt8(ascii: ":")) { throw error(expected: "':'") }
      skipWhitespace()
      place.enterMember(name)
      members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
      place.leave()
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
      place.enterElement(elements.count)
      elements.append(try value(depth: depth + 1))
      place.leave()
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

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func skipWhitespace() {
    while let byte = next {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// An error at the current position, whose byte is what was found.
  func error(expected: String) -> JSONError {
    let found =
      switch next {
      case nil: "the end"
      case let byte? where (0x20..<0x7F).contains(byte): "'\(Character(Unicode.Scalar(byte)))'"
      case let byte?: "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    return JSONError(offset: position, place: place, expected: expected, found: found)
  }
}
