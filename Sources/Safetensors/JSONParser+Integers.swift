extension JSONParser {
  /// A number without fraction or exponent that fits `Int`.
  mutating func integer() throws(JSONError) -> Int {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let firstDigit = position
    while let byte = next, Self.digits.contains(byte) { position += 1 }
    if position == firstDigit { throw error(expected: "a digit") }
    if let byte = next, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
      throw error(expected: "a whole number without fraction or exponent")
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if position - firstDigit > 1, bytes[firstDigit] == UInt8(ascii: "0") {
      throw JSONError(
        offset: start, expected: "a number without leading zeros", found: quoted(text))
    }
    guard let value = Int(text) else {
      throw JSONError(
        offset: start, expected: "a number from \(Int.min) to \(Int.max)", found: quoted(text))
    }
    return value
  }
}
