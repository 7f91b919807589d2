/// A JSON value as its text has it.
package enum JSONValue: Equatable, Sendable {
  /// The members in the order of the text, their names distinct.
  case object([JSONMember])
  case array([JSONValue])
  case string(String)
  /// The digits as written: whoever asks for a number knows which type must hold it.
  case number(String)
  case boolean(Bool)
  case null

  /// What a message calls a value of this kind.
  package var kind: String {
    switch self {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .boolean: "a truth value"
    case .null: "null"
    }
  }

  /// The value for a message: a number's digits, cut where they are many, or else its kind.
  package var found: String {
    guard case .number(let digits) = self else { return kind }
    return brief(digits)
  }
}
