/// A program made of commands, described once for parsing and for help.
package struct ToolDescription: Equatable, Sendable {
  package let name: String
  package let overview: String
  package let discussion: String
  /// What `--version` prints; without it the tool has no such option.
  package let version: String?
  package let commands: [CommandDescription]

  package init(
    name: String, overview: String, discussion: String = "", version: String? = nil,
    commands: [CommandDescription]
  ) {
    let names = commands.map(\.name)
    precondition(
      Set(names).count == names.count, "A command of the tool '\(name)' is declared twice.")
    precondition(!names.contains("help"), "'\(name) help' belongs to the tool itself.")
    self.name = name
    self.overview = overview
    self.discussion = discussion
    self.version = version
    self.commands = commands
  }
}
