extension ToolDescription {
  /// The manual page of section 1, in mdoc, which `man` reads.
  package var manualPage: String {
    var lines = [
      // No date, so that every build makes the same page.
      ".Dd $Mdocdate$", ".Dt \(name.uppercased()) 1", ".Os", ".Sh NAME", ".Nm \(name)",
      ".Nd \(Self.escaped(String(overview.prefix { $0 != "." })))", ".Sh SYNOPSIS", ".Nm",
      ".Ar subcommand", ".Op Ar options", ".Sh DESCRIPTION", Self.escaped(overview),
    ]
    lines += Self.paragraphs(discussion)
    lines.append(".Sh SUBCOMMANDS")
    for command in commands { lines += Self.section(of: command) }
    lines += [
      ".Sh EXIT STATUS", "0 on success, 64 if the command line is wrong, 1 on other errors.",
      "A run that a signal ends has 128 plus its number.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(of command: CommandDescription) -> [String] {
    var lines = [".Ss \(command.name)", escaped(command.overview)] + paragraphs(command.discussion)
    if !command.example.isEmpty {
      lines += [".Pp", ".Dl \(escaped(command.example))"]
    }
    let words = command.arguments.map { argument in
      (
        ".It Ar \(escaped(argument.name))\(argument.isRepeated ? " ..." : "")",
        HelpText.sentence(argument.help, allowedValues: argument.allowedValues, default: nil)
      )
    }
    let options = command.options.map { option in
      (
        ".It Fl \(escaped("-" + option.name))"
          + (option.valueName.map { " Ar \(escaped($0))" } ?? ""),
        HelpText.sentence(
          option.help, aliases: option.aliases, allowedValues: option.allowedValues,
          default: option.defaultText)
      )
    }
    guard !(words + options).isEmpty else { return lines }
    lines.append(".Bl -tag -width Ds")
    for (item, help) in words + options { lines += [item, escaped(help)] }
    lines.append(".El")
    return lines
  }

  private static func paragraphs(_ text: String) -> [String] {
    text.isEmpty ? [] : [".Pp", escaped(text)]
  }

  /// A text whose lines are no requests and whose backslashes and dashes stay what they are.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
      .split(separator: "\n", omittingEmptySubsequences: true)
      .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }
      .joined(separator: "\n")
  }
}
