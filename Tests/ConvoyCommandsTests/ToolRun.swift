import ConvoyCommands
import ConvoyTerminal
import Synchronization

/// One run of the tool: how it ended, and what it wrote.
struct ToolRun: Sendable {
  let exitCode: CommandLineTool.ExitCode
  let output: String
  let errors: String

  /// - Parameters:
  ///   - errorIsTerminal: whether the tool may draw progress.
  ///   - onOutput: sees each text as it is written, and may refuse it.
  init(
    _ arguments: [String], errorIsTerminal: Bool = false,
    onOutput: @escaping @Sendable (String) throws -> Void = { _ in }
  ) {
    let transcript = Transcript()
    let console = Console(
      output: { text in
        try onOutput(text)
        transcript.output.withLock { $0 += text }
      },
      error: { text in transcript.errors.withLock { $0 += text } },
      errorIsTerminal: errorIsTerminal)
    exitCode = ConvoyTool.run(arguments, console: console)
    output = transcript.output.withLock(\.self)
    errors = transcript.errors.withLock(\.self)
  }

  init(_ arguments: String...) { self.init(arguments) }

  /// The lines of results, without the end of the last one.
  var lines: [Substring] {
    output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }

  /// The lines that report epochs.
  var epochLines: [Substring] { lines.filter { $0.hasPrefix("epoch ") } }

  /// The sum over all weights that training prints last.
  var fingerprint: Substring? {
    lines.last.flatMap { $0.hasPrefix("weights ") ? $0.dropFirst("weights ".count) : nil }
  }

  private final class Transcript: Sendable {
    let output = Mutex("")
    let errors = Mutex("")
  }
}
