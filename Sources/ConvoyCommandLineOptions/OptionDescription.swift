/// What a command says about one of its options: enough to parse it and to print its help.
package struct OptionDescription: Equatable, Sendable {
  /// The name without dashes, `batch` for `--batch`.
  package let name: String
  /// The placeholder in `--batch <size>`; nil makes the option a flag, which takes no value.
  package let valueName: String?
  package let help: String
  /// The default as help shows it. The value itself belongs to the command, which writes `?? 64`.
  package let defaultText: String?
  /// The only values the option takes; empty when any text goes on to a typed accessor.
  package let allowedValues: [String]
  package let isRequired: Bool
  /// The title of the help section the option stands in; nil is OPTIONS.
  package let section: String?

  /// An option that is either given or not: `--quiet`.
  package static func flag(
    _ name: String, help: String, section: String? = nil
  ) -> OptionDescription {
    OptionDescription(
      name: name, valueName: nil, help: help, defaultText: nil, allowedValues: [],
      isRequired: false, section: section)
  }

  /// An option with a value: `--batch <size>`.
  package static func value(
    _ name: String, _ valueName: String, help: String, default defaultText: String? = nil,
    isRequired: Bool = false, section: String? = nil
  ) -> OptionDescription {
    OptionDescription(
      name: name, valueName: valueName, help: help, defaultText: defaultText, allowedValues: [],
      isRequired: isRequired, section: section)
  }

  /// An option whose values are the cases of an enumeration: `--optimizer <optimizer>`.
  package static func choice<Choice>(
    _ name: String, of choices: Choice.Type, help: String, default defaultChoice: Choice? = nil,
    isRequired: Bool = false, section: String? = nil
  ) -> OptionDescription where Choice: RawRepresentable<String> & CaseIterable {
    OptionDescription(
      name: name, valueName: name, help: help, defaultText: defaultChoice?.rawValue,
      allowedValues: choices.allCases.map(\.rawValue), isRequired: isRequired, section: section)
  }

  /// The option as it is typed: `--batch`.
  package var spelling: String { "--\(name)" }

  /// The option with its placeholder: `--batch <size>`.
  package var label: String {
    guard let valueName else { return spelling }
    return "\(spelling) <\(valueName)>"
  }
}
