/// What a command says about a word that stands without a name: `article` in `convoy reproduce article`.
/// Every argument that is declared must be given, in the order of the declarations.
package struct ArgumentDescription: Equatable, Sendable {
  /// What help calls it, `experiment` for `<experiment>`.
  package let name: String
  package let help: String
  /// The only words it takes.
  package let allowedValues: [String]

  /// An argument whose words are the cases of an enumeration.
  package static func choice<Choice>(
    _ name: String, of choices: Choice.Type, help: String
  ) -> ArgumentDescription where Choice: RawRepresentable<String> & CaseIterable {
    ArgumentDescription(name: name, help: help, allowedValues: choices.allCases.map(\.rawValue))
  }

  /// The placeholder that stands for it: `<experiment>`.
  package var label: String { "<\(name)>" }
}
