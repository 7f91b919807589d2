/// One command of a tool, `train` in `convoy train --batch 64`.
package struct CommandDescription: Equatable, Sendable {
  package let name: String
  /// One sentence; it also stands beside the name in the tool's list.
  package let overview: String
  /// Paragraphs that only the command's own help shows. Lines that fit are printed as written.
  package let discussion: String
  package let arguments: [ArgumentDescription]
  package let options: [OptionDescription]

  package init(
    name: String, overview: String, discussion: String = "",
    arguments: [ArgumentDescription] = [], options: [OptionDescription] = []
  ) {
    let names = options.map(\.name)
    precondition(
      Set(names).count == names.count, "An option of the command '\(name)' is declared twice.")
    precondition(
      !names.contains("help"), "Every command has '--help'; '\(name)' must not declare it.")
    precondition(
      Set(arguments.map(\.name)).count == arguments.count,
      "An argument of the command '\(name)' is declared twice.")
    self.name = name
    self.overview = overview
    self.discussion = discussion
    self.arguments = arguments
    self.options = options
  }

  /// The option of that name, written without dashes.
  func option(named name: String) -> OptionDescription? {
    options.first { $0.name == name }
  }
}
