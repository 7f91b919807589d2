extension ToolDescription {
  /// Reads a whole command line, the program's own name left out.
  ///
  /// Without arguments, the result is help, as for `help` alone or before a command's name. Help is
  /// wrapped to `columns`.
  package func parse(
    _ arguments: [String], columns: Int = 80
  ) throws(UsageError) -> Invocation {
    guard let first = arguments.first else { return .help(help(columns: columns)) }
    let rest = arguments.dropFirst()
    if first == "help" {
      return .help(try help(about: rest, columns: columns))
    }
    if CommandDescription.helpSpellings.contains(first) {
      return .help(help(columns: columns))
    }
    if let version, first == "--version" {
      return .version(version)
    }
    if let text = try generated(by: first, rest) { return .help(text) }
    if first.hasPrefix("-") {
      let ownOptions = version == nil ? ["--help"] : ["--help", "--version"]
      throw .commandExpected(
        found: first, suggestion: Suggestion.nearest(to: first, among: ownOptions))
    }
    let command = try command(named: first)
    switch try command.parse(Array(rest)) {
    case .helpRequested: return .help(help(for: command, columns: columns))
    case .options(let options): return .command(options)
    }
  }

  /// The text that an option of the tool itself makes; nil if `option` is another.
  private func generated(
    by option: String, _ rest: ArraySlice<String>
  ) throws(UsageError) -> String? {
    let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
    let words = parts.dropFirst() + rest
    switch parts.first {
    case "--generate-completion-script":
      let names = Shell.allCases.map(\.rawValue)
      guard let name = words.first else {
        throw .missingValue(option: "--generate-completion-script <shell>", found: nil)
      }
      guard let shell = Shell(rawValue: name) else {
        throw .notAmong(names, option: "--generate-completion-script", found: name)
      }
      if let extra = words.dropFirst().first { throw .unexpectedArgument(extra) }
      return completionScript(for: shell)
    case "--generate-manual":
      if let extra = words.first { throw .unexpectedArgument(extra) }
      return manualPage
    default: return nil
    }
  }

  private func help(
    about arguments: ArraySlice<String>, columns: Int
  ) throws(UsageError) -> String {
    guard let name = arguments.first, name != "help",
      !CommandDescription.helpSpellings.contains(name)
    else {
      return help(columns: columns)
    }
    let command = try command(named: name)
    if let extra = arguments.dropFirst().first,
      !CommandDescription.helpSpellings.contains(extra)
    {
      throw .unexpectedArgument(extra)
    }
    return help(for: command, columns: columns)
  }

  private func command(named name: String) throws(UsageError) -> CommandDescription {
    if let command = commands.first(where: { $0.name == name }) { return command }
    throw .unknownCommand(
      name, suggestion: Suggestion.nearest(to: name, among: commands.map(\.name) + ["help"]))
  }
}

/// What the arguments of one command ask for.
package enum ParsingOutcome: Equatable, Sendable {
  /// `--help` or `-h` is among the arguments. The others are not checked, so that `--help` can be
  /// added to an invalid command line.
  case helpRequested
  case options(ParsedOptions)
}

/// What a whole command line asks of a tool.
package enum Invocation: Equatable, Sendable {
  /// Print this text and succeed.
  case help(String)
  /// Print this version and succeed.
  case version(String)
  /// Run the options' command.
  case command(ParsedOptions)
}
