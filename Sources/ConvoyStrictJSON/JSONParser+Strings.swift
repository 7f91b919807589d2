extension JSONParser {
  /// A string from its opening to its closing quotation mark, escapes resolved.
  mutating func string() throws(JSONError) -> String {
    let start = position
    guard next == UInt8(ascii: "\"") else { throw error(expected: "a string") }
    position += 1
    var content: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw error(expected: "control characters to be escaped") }
      if byte == UInt8(ascii: "\\") {
        content.append(contentsOf: String(try escapedScalar()).utf8)
      } else {
        content.append(byte)
        position += 1
      }
    }
    if next == nil { throw error(expected: "'\"' at the end of a string") }
    position += 1
    guard let text = String(validating: content, as: UTF8.self) else {
      throw JSONError(
        offset: start, place: place, expected: "a string in UTF-8", found: "other bytes")
    }
    guard Self.isStreamSafe(text) else {
      throw JSONError(
        offset: start, place: place, expected: "at most \(Self.mostMarks) combining marks in a row",
        found: "more")
    }
    return text
  }

  /// The limit of the Stream-Safe Text Format (Unicode Standard Annex 15).
  private static let mostMarks = 30

  /// Whether no run of combining marks exceeds the limit. Comparing strings sorts each run, in
  /// quadratic time.
  private static func isStreamSafe(_ text: String) -> Bool {
    var marks = 0
    for scalar in text.unicodeScalars where scalar.value >= 0x80 || marks > 0 {
      let isMark = scalar.properties.canonicalCombiningClass != .notReordered
      marks = isMark ? marks + 1 : 0
      if marks > mostMarks { return false }
    }
    return true
  }

  /// The character behind a backslash, or behind two `\u` that make a surrogate pair.
  private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
    position += 1
    let simple: Unicode.Scalar
    switch next {
    case UInt8(ascii: "\""): simple = "\""
    case UInt8(ascii: "\\"): simple = "\\"
    case UInt8(ascii: "/"): simple = "/"
    case UInt8(ascii: "b"): simple = "\u{8}"
    case UInt8(ascii: "f"): simple = "\u{C}"
    case UInt8(ascii: "n"): simple = "\n"
    case UInt8(ascii: "r"): simple = "\r"
    case UInt8(ascii: "t"): simple = "\t"
    case UInt8(ascii: "u"): return try hexadecimalScalar()
    default: throw error(expected: "an escape sequence of JSON")
    }
    position += 1
    return simple
  }

  private mutating func hexadecimalScalar() throws(JSONError) -> Unicode.Scalar {
    let start = position - 1
    let first = try hexadecimalUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if UTF16.isLeadSurrogate(first), next == UInt8(ascii: "\\") {
      position += 1
      let second = try hexadecimalUnit()
      if UTF16.isTrailSurrogate(second) {
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
      }
    }
    throw JSONError(
      offset: start, place: place, expected: "surrogates in pairs", found: "half a pair")
  }

  /// The four digits behind the `u` at the current position.
  private mutating func hexadecimalUnit() throws(JSONError) -> UInt16 {
    guard next == UInt8(ascii: "u") else { throw error(expected: "'u'") }
    position += 1
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error(expected: "a hexadecimal digit")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
