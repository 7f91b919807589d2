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

/// Text from a file in quotes, for a message of one line.
package func quoted(_ text: String) -> String { "'\(brief(text))'" }

/// Text from a file for a message of one line: cut where it is long, with line ends and control
/// characters written out, so that it cannot steer the terminal.
package func brief(_ text: String) -> String {
  let longest = 80
  let escaped = text.unicodeScalars.prefix(longest).map { scalar in
    let isControl = scalar.properties.generalCategory == .control
    return isControl ? scalar.escaped(asASCII: true) : String(scalar)
  }
  let isCut = text.unicodeScalars.dropFirst(longest).first != nil
  return escaped.joined() + (isCut ? "…" : "")
}

/// Numbers from a file for a message, cut where they are many.
package func brief(_ numbers: [Int]) -> String {
  let most = 8
  let texts = numbers.prefix(most).map(String.init) + (numbers.count > most ? ["…"] : [])
  return "[\(texts.joined(separator: ", "))]"
}
