extension ToolDescription {
  /// What `convoy help` prints.
  package func help(columns: Int = 80) -> String {
    var help = HelpText(columns: columns)
    help.addOverview(overview, discussion: discussion)
    help.addUsage([name, "<subcommand>"])
    var options = [CommandDescription.helpEntry]
    if version != nil { options.insert(("--version", "Show the version."), at: 0) }
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
    return help.text
  }
}
