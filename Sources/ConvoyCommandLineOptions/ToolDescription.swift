/// A program made of commands, described once for parsing and for help.
package struct ToolDescription: Equatable, Sendable {
  package let name: String
  package let overview: String
  package let discussion: String
  /// The text that `--version` prints; nil if the tool has no such option.
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

extension ToolDescription {
  /// What `convoy help` prints.
  package func help(columns: Int = 80) -> String {
    var help = HelpText(columns: columns)
    help.addOverview(overview, discussion: discussion)
    help.addUsage([name, "<subcommand>"])
    var options = [CommandDescription.helpEntry]
    if version != nil { options.insert(("--version", "Show the version."), at: 0) }
    options += [
      (
        "--generate-completion-script <shell>",
        HelpText.sentence(
          "Print a script with which a shell completes command lines.",
          allowedValues: Shell.allCases.map(\.rawValue), default: nil)
      ), ("--generate-manual", "Print the manual page, for man."),
    ]
    help.addSection("Options", options)
    help.addSection("Subcommands", commands.map { ($0.name, $0.overview) })
    help.addParagraph("  See '\(name) help <subcommand>' for detailed help.")
    return help.text
  }

  /// What `convoy help train` and `convoy train --help` print.
  package func help(for command: CommandDescription, columns: Int = 80) -> String {
    var help = HelpText(columns: columns)
    help.addOverview(command.overview, discussion: command.discussion)
    help.addUsage(
      [name, command.name] + command.arguments.map(\.label) + HelpText.usage(of: command.options))
    for section in command.sections {
      help.addSection(section.title, section.entries)
    }
    if !command.example.isEmpty { help.addExample(command.example) }
    return help.text
  }
}
