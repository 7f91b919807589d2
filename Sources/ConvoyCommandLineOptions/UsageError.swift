/// What is wrong with a command line, in one line for its author.
package enum UsageError: Error, Equatable, Sendable {
  /// An option stands where the command's name belongs.
  case commandExpected(found: String, suggestion: String?)
  case unknownCommand(String, suggestion: String?)
  case unknownOption(String, suggestion: String?)
  case unexpectedArgument(String)
  /// An argument, as `<experiment>`, is not there.
  case missingArgument(String, allowed: [String])
  case repeatedOption(String)
  /// A required option, as `--data <directory>`, is not there.
  case missingOption(String)
  /// The option stands without its value: at the end, before another option, or with an empty one.
  case missingValue(option: String, found: String?)
  case invalidValue(option: String, expected: String, found: String, suggestion: String?)
  /// Options that are right one by one and wrong together; the command words the sentence.
  case invalidCombination(String)

  /// - Parameter other: what else the option takes, beside the allowed words.
  package static func notAmong(
    _ allowed: [String], or other: String? = nil, option: String, found: String
  ) -> UsageError {
    let words = "one of " + allowed.joined(separator: ", ")
    return .invalidValue(
      option: option, expected: other.map { "\(words), or \($0)" } ?? words, found: found,
      suggestion: Suggestion.nearest(to: found, among: allowed))
  }
}
