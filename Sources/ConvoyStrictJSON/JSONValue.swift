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

  /// The value for messages: the digits of a number, truncated if there are many, otherwise its
  /// kind.
  package var found: String {
    guard case .number(let digits) = self else { return kind }
    return brief(digits)
  }
}

/// One name and value of a JSON object.
package struct JSONMember: Equatable, Sendable {
  package let name: String
  package let value: JSONValue
}

/// The path from the outermost value of a text to an inner one, such as `layers 1.units`.
package struct JSONPlace: Equatable, Sendable, CustomStringConvertible {
  private enum Step: Equatable {
    case member(String)
    case element(Int)
  }

  private var steps: [Step] = []

  package init() {}

  package var isOutermost: Bool { steps.isEmpty }

  package func member(_ name: String) -> JSONPlace { appending(.member(name)) }
  package func element(_ index: Int) -> JSONPlace { appending(.element(index)) }

  package mutating func enterMember(_ name: String) { steps.append(.member(name)) }
  package mutating func enterElement(_ index: Int) { steps.append(.element(index)) }
  package mutating func leave() { steps.removeLast() }

  private func appending(_ step: Step) -> JSONPlace {
    var place = self
    place.steps.append(step)
    return place
  }

  package var description: String {
    steps.reduce(into: "") { text, step in
      switch step {
      case .member(let name): text += text.isEmpty ? brief(name) : ".\(brief(name))"
      case .element(let index): text += text.isEmpty ? "\(index)" : " \(index)"
      }
    }
  }
}
