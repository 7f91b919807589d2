/// A script with which a shell completes a tool's commands, options and values.
package enum Shell: String, CaseIterable, Sendable {
  case bash
  case zsh
  case fish
}

extension ToolDescription {
  /// The completion script for a shell.
  package func completionScript(for shell: Shell) -> String {
    switch shell {
    case .bash: bashScript
    case .zsh: zshScript
    case .fish: fishScript
    }
  }

  private var commandNames: [String] { commands.map(\.name) + ["help"] }

  private var ownOptions: [String] { ["--help"] + (version == nil ? [] : ["--version"]) }

  /// For bash 3.2 or newer. Where nothing is offered, bash offers files.
  private var bashScript: String {
    var values: [String] = []
    var options: [String] = []
    for command in commands {
      for option in command.options {
        guard option.valueName != nil else { continue }
        let patterns = option.spellings.map { "\"\(command.name) \($0)\"" }
          .joined(separator: " | ")
        values.append(
          "    \(patterns)) \(option.offered.isEmpty ? "" : Self.bashReply(option.offered))return ;;"
        )
      }
      let words = command.options.map(\.spelling) + ["--help"]
      options.append("    \(command.name)) words=\(Self.quoted(words.joined(separator: " "))) ;;")
    }
    let arguments = commands.compactMap { command in
      command.arguments.first.flatMap { argument in
        argument.allowedValues.isEmpty
          ? nil
          : "    \(command.name)) words=\(Self.quoted(argument.allowedValues.joined(separator: " "))) ;;"
      }
    }
    return """
      # Completion of \(name)'s command line for bash.
      _\(name)() {
        local current="${COMP_WORDS[COMP_CWORD]}" command="${COMP_WORDS[1]}" words=""
        if [ "$COMP_CWORD" -eq 1 ]; then
          \(Self.bashReply(commandNames + ownOptions))return
        fi
        case "$command ${COMP_WORDS[COMP_CWORD-1]}" in
      \(values.joined(separator: "\n"))
        esac
        case "$current" in
        -*) case "$command" in
      \(options.joined(separator: "\n"))
          esac ;;
        *) case "$command" in
          help) words=\(Self.quoted(commands.map(\.name).joined(separator: " "))) ;;
      \(arguments.joined(separator: "\n"))
          esac ;;
        esac
        COMPREPLY=($(compgen -W "$words" -- "$current"))
      }
      complete -o default -F _\(name) \(name)

      """
  }

  private static func bashReply(_ words: [String]) -> String {
    "COMPREPLY=($(compgen -W \(quoted(words.joined(separator: " "))) -- \"$current\")); "
  }

  private var zshScript: String {
    func entry(_ name: String, _ help: String) -> String {
      Self.quoted("\(name):\(help.replacing(":", with: "\\:"))")
    }
    let entries =
      commands.map { entry($0.name, $0.overview) } + [entry("help", "Show help information.")]
    let cases = commands.map { command in
      let options = command.options.flatMap { option in
        option.spellings.map { Self.zshOption(option, spelling: $0) }
      }
      let help = Self.quoted("--help[Show help information.]")
      let words = command.arguments.map { argument in
        Self.quoted(
          (argument.isRepeated ? "*:" : ":") + argument.name + ":"
            + (argument.allowedValues.isEmpty
              ? "_files" : "(\(argument.allowedValues.joined(separator: " ")))"))
      }
      return "    \(command.name)) _arguments \\\n      "
        + (options + [help] + words).joined(separator: " \\\n      ") + " ;;"
    }
    return """
      #compdef \(name)
      # Completion of \(name)'s command line for zsh.
      _\(name)() {
        local -a commands
        commands=(
          \(entries.joined(separator: "\n    "))
        )
        if (( CURRENT == 2 )); then
          _describe command commands
          return
        fi
        shift words
        (( CURRENT-- ))
        case "$words[1]" in
          help) _describe command commands ;;
      \(cases.joined(separator: "\n"))
        esac
      }
      if [ "$funcstack[1]" = _\(name) ]; then
        _\(name) "$@"
      else
        compdef _\(name) \(name)
      fi

      """
  }

  private static func zshOption(_ option: OptionDescription, spelling: String) -> String {
    var help = ""
    for character in option.help {
      if "[]:\\".contains(character) { help.append("\\") }
      help.append(character)
    }
    guard let valueName = option.valueName else { return quoted("\(spelling)[\(help)]") }
    let words = "(\(option.offered.joined(separator: " ")))"
    let action =
      option.namesFile
      ? option.offered.isEmpty
        ? "_files" : #" _alternative "names\:name\:\#(words)" "files\:file\:_files""#
      : option.offered.isEmpty ? "" : words
    return quoted("\(spelling)[\(help)]:\(valueName.replacing(":", with: "\\:")):\(action)")
  }

  private var fishScript: String {
    func line(_ words: String...) -> String {
      (["complete -c \(name)"] + words).joined(separator: " ")
    }
    func help(_ text: String) -> String { "-d \(Self.fishQuoted(text))" }
    var lines = ["# Completion of \(name)'s command line for fish.", line("-f")]
    for command in commands {
      lines.append(line("-n __fish_use_subcommand -a \(command.name)", help(command.overview)))
    }
    lines.append(line("-n __fish_use_subcommand -a help", help("Show help information.")))
    lines.append(
      line(
        "-n '__fish_seen_subcommand_from help'",
        "-a \(Self.fishQuoted(commands.map(\.name).joined(separator: " ")))"))
    for command in commands {
      let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options {
        let names = option.spellings.map {
          $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())"
        }
        let values =
          option.valueName == nil
          ? ""
          : (option.namesFile ? "-r -F " : "-x ")
            + (option.offered.isEmpty
              ? "" : "-a \(Self.fishQuoted(option.offered.joined(separator: " "))) ")
        lines.append(
          line(condition, names.joined(separator: " "), values + help(option.help)))
      }
      lines.append(line(condition, "-l help", help("Show help information.")))
      for argument in command.arguments {
        lines.append(
          line(
            condition,
            argument.allowedValues.isEmpty
              ? "-F" : "-a \(Self.fishQuoted(argument.allowedValues.joined(separator: " ")))",
            help(argument.help)))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A word for bash and zsh, whatever is in it.
  private static func quoted(_ text: String) -> String {
    "'\(text.replacing("'", with: #"'\''"#))'"
  }

  private static func fishQuoted(_ text: String) -> String {
    "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
  }
}

extension OptionDescription {
  /// The values that a shell offers.
  fileprivate var offered: [String] { allowedValues.isEmpty ? suggestedValues : allowedValues }

  /// Whether values are names of files or folders.
  fileprivate var namesFile: Bool {
    ["file", "files", "folder", "model", "path"].contains(valueName)
  }
}
