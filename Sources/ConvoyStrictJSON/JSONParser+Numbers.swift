extension JSONParser {
  /// Parses a number with its sign, fraction and exponent. Its magnitude is not checked here.
  mutating func number() throws(JSONError) -> String {
    let start = position
    _ = take(UInt8(ascii: "-"))
    let firstDigit = position
    try digits()
    if position - firstDigit > 1, bytes[firstDigit] == UInt8(ascii: "0") {
      throw JSONError(
        offset: start, place: place, expected: "a number without leading zeros",
        found: quoted(text(from: start)))
    }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return text(from: start)
  }

  /// One digit or more.
  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = next, Self.digits.contains(byte) { position += 1 }
    if position == start { throw error(expected: "a digit") }
  }

  private func text(from start: Int) -> String {
    String(decoding: bytes[start..<position], as: UTF8.self)
  }
}
