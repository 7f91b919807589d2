/// One command of a tool, `train` in `convoy train --batch 64`.
package struct CommandDescription: Equatable, Sendable {
  package let name: String
  /// One sentence; it also stands beside the name in the tool's list.
  package let overview: String
  /// Paragraphs that only the command's own help shows. Lines that fit are printed as written.
  package let discussion: String
  /// A command line that does what people want most.
  package let example: String
  package let arguments: [ArgumentDescription]
  package let options: [OptionDescription]
  /// The name of the option that a word without one is probably the value of; nil for none.
  package let mainOption: String?

  package init(
    name: String, overview: String, discussion: String = "", example: String = "",
    arguments: [ArgumentDescription] = [], options: [OptionDescription] = [],
    mainOption: String? = nil
  ) {
    let names = options.map(\.name)
    precondition(
      mainOption.map(names.contains) ?? true, "The command '\(name)' has its main option.")
    precondition(
      Set(names).count == names.count, "An option of the command '\(name)' is declared twice.")
    let spellings = options.flatMap(\.spellings)
    precondition(
      Set(spellings).count == spellings.count,
      "Two options of the command '\(name)' have one spelling.")
    precondition(
      !names.contains("help"), "Every command has '--help'; '\(name)' must not declare it.")
    precondition(
      Set(arguments.map(\.name)).count == arguments.count,
      "An argument of the command '\(name)' is declared twice.")
    precondition(
      arguments.dropLast().allSatisfy { !$0.isRepeated },
      "No argument of the command '\(name)' may follow one that takes all words.")
    self.name = name
    self.overview = overview
    self.discussion = discussion
    self.example = example
    self.arguments = arguments
    self.options = options
    self.mainOption = mainOption
  }

  /// The option of that name, written without dashes.
  func option(named name: String) -> OptionDescription? {
    options.first { $0.name == name }
  }
}

/// A positional argument, such as `article` in `convoy reproduce article`. All declared arguments
/// are required, in the order of declaration.
package struct ArgumentDescription: Equatable, Sendable {
  /// The name in help, such as `experiment` for `<experiment>`.
  package let name: String
  package let help: String
  /// The allowed values; empty if any text is accepted.
  package let allowedValues: [String]
  /// Whether it takes all words that follow; only the last argument of a command may.
  package let isRepeated: Bool

  /// An argument whose values are the cases of an enumeration.
  package static func choice<Choice>(
    _ name: String, of choices: Choice.Type, help: String
  ) -> ArgumentDescription where Choice: RawRepresentable<String> & CaseIterable {
    ArgumentDescription(
      name: name, help: help, allowedValues: choices.allCases.map(\.rawValue), isRepeated: false)
  }

  /// An argument that may be any text, or a list of such.
  package static func words(
    _ name: String, isRepeated: Bool = false, help: String
  ) -> ArgumentDescription {
    ArgumentDescription(name: name, help: help, allowedValues: [], isRepeated: isRepeated)
  }

  /// The placeholder: `<experiment>`, or `<file> ...` for several.
  package var label: String { isRepeated ? "<\(name)> ..." : "<\(name)>" }
}

/// An option of a command: what is needed to parse it and to print its help.
package struct OptionDescription: Equatable, Sendable {
  /// The name without dashes, `batch` for `--batch`.
  package let name: String
  /// The placeholder in `--batch <size>`; nil makes the option a flag, which takes no value.
  package let valueName: String?
  package let help: String
  /// The default as help shows it. The value itself belongs to the command, which writes `?? 64`.
  package let defaultText: String?
  /// The allowed values; empty if any text is accepted and left to a typed accessor.
  package let allowedValues: [String]
  /// Some values of an option that takes others too, for shells to offer.
  package var suggestedValues: [String] = []
  package let isRequired: Bool
  /// The title of the help section the option stands in; nil is OPTIONS.
  package let section: String?
  /// Other spellings, dashes included, that users of other programs may type.
  package let aliases: [String]

  /// An option that is either given or not: `--quiet`.
  package static func flag(
    _ name: String, help: String, section: String? = nil, aliases: [String] = []
  ) -> OptionDescription {
    OptionDescription(
      name: name, valueName: nil, help: help, defaultText: nil, allowedValues: [],
      isRequired: false, section: section, aliases: aliases)
  }

  /// An option with a value: `--batch <size>`.
  package static func value(
    _ name: String, _ valueName: String, help: String, default defaultText: String? = nil,
    suggestions: [String] = [], isRequired: Bool = false, section: String? = nil,
    aliases: [String] = []
  ) -> OptionDescription {
    OptionDescription(
      name: name, valueName: valueName, help: help, defaultText: defaultText, allowedValues: [],
      suggestedValues: suggestions, isRequired: isRequired, section: section, aliases: aliases)
  }

  /// An option whose values are the cases of an enumeration: `--optimizer <optimizer>`.
  package static func choice<Choice>(
    _ name: String, of choices: Choice.Type, help: String, default defaultChoice: Choice? = nil,
    isRequired: Bool = false, section: String? = nil, aliases: [String] = []
  ) -> OptionDescription where Choice: RawRepresentable<String> & CaseIterable {
    OptionDescription(
      name: name, valueName: name, help: help, defaultText: defaultChoice?.rawValue,
      allowedValues: choices.allCases.map(\.rawValue), isRequired: isRequired, section: section,
      aliases: aliases)
  }

  /// The option in a section of help.
  package func inSection(_ title: String) -> OptionDescription {
    OptionDescription(
      name: name, valueName: valueName, help: help, defaultText: defaultText,
      allowedValues: allowedValues, suggestedValues: suggestedValues, isRequired: isRequired,
      section: title, aliases: aliases)
  }

  /// All spellings that are understood.
  var spellings: [String] { [spelling] + aliases }

  /// The option as it is typed: `--batch`.
  package var spelling: String { "--\(name)" }

  /// The option with its placeholder: `--batch <size>`.
  package var label: String {
    guard let valueName else { return spelling }
    return "\(spelling) <\(valueName)>"
  }
}
