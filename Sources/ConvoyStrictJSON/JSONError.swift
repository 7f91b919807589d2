/// Where a text stops being the JSON that was expected.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  /// The offset of the first byte that does not fit.
  package let offset: Int
  /// The value in which it stands; empty for the outermost one.
  package let place: JSONPlace
  package let expected: String
  package let found: String

  package var description: String {
    (place.isOutermost ? "" : "\(place): ") + "byte \(offset): expected \(expected), found \(found)"
  }
}

/// Text from a file in quotes, for messages.
package func quoted(_ text: String) -> String { "'\(brief(text))'" }

/// Text from a file for messages, truncated if it is long.
package func brief(_ text: String) -> String {
  let longest = 80
  let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest)))
  let isCut = text.unicodeScalars.dropFirst(longest).first != nil
  return start + (isCut ? "…" : "")
}

/// Numbers from a file for messages, truncated if there are many.
package func brief(_ numbers: [Int]) -> String {
  let most = 8
  let texts = numbers.prefix(most).map(String.init) + (numbers.count > most ? ["…"] : [])
  return "[\(texts.joined(separator: ", "))]"
}
