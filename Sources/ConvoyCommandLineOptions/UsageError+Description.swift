extension UsageError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .commandExpected(let found, let suggestion):
      "Expected a command, found option \(Self.quoted(found))" + Self.ending(suggestion)
    case .unknownCommand(let name, let suggestion):
      "Unknown command \(Self.quoted(name))" + Self.ending(suggestion)
    case .unknownOption(let name, let suggestion):
      "Unknown option \(Self.quoted(name))" + Self.ending(suggestion)
    case .unexpectedArgument(let argument):
      "Unexpected argument \(Self.quoted(argument))."
    case .missingArgument(let label, let allowed):
      "Missing argument '\(label)': expected one of \(allowed.joined(separator: ", "))"
    case .repeatedOption(let name):
      "\(name): expected once, found again"
    case .missingOption(let label):
      "Missing required option '\(label)'."
    case .missingValue(let label, let found):
      "\(label): expected a value, found \(found.map(Self.quoted) ?? "nothing")"
    case .invalidValue(let option, let expected, let found, let suggestion):
      "\(option): expected \(expected), found \(Self.quoted(found))"
        + (suggestion.map { ". Did you mean '\($0)'?" } ?? "")
    case .invalidCombination(let sentence):
      sentence
    }
  }

  private static func ending(_ suggestion: String?) -> String {
    suggestion.map { ". Did you mean '\($0)'?" } ?? "."
  }

  /// Text from outside in quotes, with line ends and control characters written out, so that a
  /// message stays on one line and cannot steer the terminal.
  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      let isControl = scalar.properties.generalCategory == .control
      return isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return "'\(escaped.joined())'"
  }
}
