/// The options and arguments of one command line, read but not yet interpreted.
///
/// The typed accessors return nil for an option that was not given, so that the default is written
/// where the value is used: `try options.integer("batch", atLeast: 1) ?? 64`. Asking for a name
/// that the command does not declare is a programming error and traps.
package struct ParsedOptions: Equatable, Sendable {
  package let command: CommandDescription
  /// The text given for each option, by name; a flag that was given has an empty one.
  private let values: [String: String]

  /// The words given for each argument, by name.
  private let words: [String: [String]]

  init(command: CommandDescription, values: [String: String], words: [String: [String]]) {
    self.command = command
    self.values = values
    self.words = words
  }

  /// The text of every option that was given, by name.
  package var texts: [String: String] { values }

  /// These options, with `texts` for those that were not given. All names must be options of the
  /// command.
  package func completed(by texts: [String: String]) -> ParsedOptions {
    precondition(
      texts.keys.allSatisfy { command.option(named: $0) != nil },
      "An option is not one of the command '\(command.name)'.")
    return ParsedOptions(
      command: command, values: values.merging(texts) { given, _ in given }, words: words)
  }

  /// The same command with `texts` as its only options. All names must be options of the command.
  package func replaced(by texts: [String: String]) -> ParsedOptions {
    ParsedOptions(command: command, values: [:], words: words).completed(by: texts)
  }

  /// Whether the option was on the command line, whatever its value.
  package func isGiven(_ name: String) -> Bool {
    precondition(
      command.option(named: name) != nil,
      "The command '\(command.name)' declares no option '\(name)'.")
    return values[name] != nil
  }

  /// Whether a flag was given.
  package func flag(_ name: String) -> Bool {
    precondition(
      command.option(named: name)?.valueName == nil,
      "The option '\(name)' of '\(command.name)' has a value, it is no flag.")
    return isGiven(name)
  }

  /// The text as given; never empty.
  package func string(_ name: String) -> String? {
    guard isGiven(name) else { return nil }
    precondition(
      command.option(named: name)?.valueName != nil,
      "The option '\(name)' of '\(command.name)' is a flag, it has no value.")
    return values[name]
  }

  /// The text of a required option, which parsing guarantees.
  package func requiredString(_ name: String) throws(UsageError) -> String {
    guard let text = string(name) else {
      throw .missingOption(command.option(named: name)?.label ?? "--\(name)")
    }
    return text
  }

  /// The enumeration case that was given.
  package func choice<Choice>(
    _ name: String, of choices: Choice.Type
  ) throws(UsageError) -> Choice? where Choice: RawRepresentable<String> & CaseIterable {
    guard let text = string(name) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw .notAmong(choices.allCases.map(\.rawValue), option: "--\(name)", found: text)
    }
    return choice
  }
}

extension ParsedOptions {
  /// The enumeration case given for an argument; parsing guarantees that there is one.
  package func argument<Choice>(
    _ name: String, of choices: Choice.Type
  ) throws(UsageError) -> Choice where Choice: RawRepresentable<String> & CaseIterable {
    let text = arguments(name)[0]
    guard let choice = Choice(rawValue: text) else {
      throw .notAmong(choices.allCases.map(\.rawValue), option: "<\(name)>", found: text)
    }
    return choice
  }

  /// The words given for an argument: one, or more for one that takes several.
  package func arguments(_ name: String) -> [String] {
    guard let words = words[name] else {
      preconditionFailure("The command '\(command.name)' declares no argument '\(name)'.")
    }
    return words
  }
}

extension ParsedOptions {
  /// The parts of a comma-separated list, none of them empty.
  package func list(_ name: String) throws(UsageError) -> [String]? {
    guard let text = string(name) else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains("") else {
      throw .invalidValue(
        option: "--\(name)", expected: "values separated by commas", found: text, suggestion: nil)
    }
    return parts
  }

  /// Whole numbers between commas: `1,2,4`.
  package func integers(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> [Int]? {
    guard let parts = try list(name) else { return nil }
    let bounds = ValueBounds.closed(range)
    var numbers: [Int] = []
    for part in parts {
      guard let number = Int(part), bounds.contains(number) else {
        throw .invalidValue(
          option: "--\(name)", expected: "whole numbers\(bounds.phrase), separated by commas",
          found: part, suggestion: nil)
      }
      numbers.append(number)
    }
    return numbers
  }
}
