import ConvoyCommandLineOptions
import ConvoyCommandsTestSupport
import ConvoyTerminal
import Foundation
import Testing

@testable import ConvoyCommands

/// Scripts for shells are run by the shells that this machine has; bash is on all.
@Suite struct CompletionTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    for shell in Shell.allCases {
      let run = ToolRun("--generate-completion-script", shell.rawValue)
      try workspace.write(run.output, to: "convoy.\(shell.rawValue)")
    }
  }

  /// Nil if the machine has no such shell.
  private static func path(of shell: Shell) -> String? {
    ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map { "\($0)/\(shell.rawValue)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// What a shell prints for a command, split into words.
  private func output(_ shell: Shell, _ command: String) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.path(of: shell)))
    process.arguments = ["-c", command]
    process.currentDirectoryURL = workspace.url
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .map(String.init)
  }

  private func bash(_ words: String...) throws -> [String] {
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    let command = """
      . ./convoy.bash; COMP_WORDS=(convoy \(line)); COMP_CWORD=\(words.count); _convoy
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    return try output(.bash, command)
  }

  @Test func bashCompletesCommandsOptionsAndValues() throws {
    #expect(try bash("ev") == ["evaluate"])
    #expect(try bash("help", "su") == ["summary"])
    #expect(try bash("train", "--bat") == ["--batch"])
    #expect(try bash("train", "--optimizer", "ada") == ["adam", "adamw"])
    #expect(try bash("train", "--epochs", "3", "--lr", "") == [])
    #expect(try bash("reproduce", "art") == ["article"])
    #expect(try bash("train", "--data", "x") == [])
    #expect(try bash("train", "--model", "resn") == ["resnet20", "resnet9"])
    #expect(try bash("train", "--model", "net.js") == [])
    #expect(
      try Set(bash("summary", "--")) == ["--model", "--input", "--classes", "--json", "--help"])
  }

  @Test(.enabled("needs fish") { path(of: .fish) != nil })
  func fishCompletesCommandsOptionsAndValues() throws {
    func fish(_ line: String) throws -> [String] {
      try output(
        .fish, "source convoy.fish; complete -C '\(line)' | string split -f1 (printf '\\t')")
    }
    #expect(try fish("convoy ev") == ["evaluate"])
    #expect(try fish("convoy train --optimizer ada") == ["adam", "adamw"])
    #expect(try fish("convoy train --bat") == ["--batch", "--batch-size"])
    #expect(try fish("convoy reproduce art").first == "article")
    #expect(try fish("convoy train --model resn") == ["resnet9", "resnet20"])
  }

  @Test(.enabled("needs zsh") { path(of: .zsh) != nil })
  func zshReadsItsScript() throws {
    let words = try output(
      .zsh,
      """
      autoload -U compinit; compinit -u -D; . ./convoy.zsh; print $_comps[convoy]
      _arguments() { print -l -- "$@" }; words=(convoy train --b); CURRENT=3; _convoy
      """)
    #expect(words.first == "_convoy")
    #expect(words.contains { $0.hasPrefix("--batch[Images") })
    #expect(words.contains(#""files:file:_files""#))
  }

  @Test func theManualHasEveryOption() {
    let manual = ToolRun("--generate-manual").output
    #expect(manual.hasPrefix(".Dd "))
    for command in ConvoyTool.description.commands {
      #expect(manual.contains("\n.Ss \(command.name)\n"))
      for option in command.options {
        #expect(manual.contains("\n.It Fl \\-\(option.name.replacing("-", with: "\\-"))"))
      }
    }
    // A line that began with a dot or an apostrophe would be a request of its own.
    let requests = Set(
      manual.split(separator: "\n").filter { $0.hasPrefix(".") }.map { $0.prefix(3) })
    #expect(
      requests.isSubset(of: [
        ".Dd", ".Dt", ".Os", ".Sh", ".Nm", ".Nd", ".Ar", ".Op", ".Ss", ".Pp",
        ".Dl", ".It", ".Bl", ".El",
      ]))
  }

  @Test func otherShellsAreRefused() {
    expectRefusal(
      ToolRun("--generate-completion-script", "ksh"), .usage,
      saying: ["--generate-completion-script: expected one of bash, zsh, fish, found 'ksh'"])
    expectRefusal(
      ToolRun("--generate-completion-script"), .usage, saying: ["expected a value, found nothing"])
    // Sources without their repository have no commit; `.ci/run` compares it with Git's.
    #expect(
      ToolRun("--version").output.contains(
        #/^convoy \d+\.\d+\.\d+( \([0-9a-f]{12}\))?, Swift \d+\.\d+, \w+\n$/#))
  }
}
