import ConvoyBenchmarkCommands
import ConvoyTerminal
import Synchronization

/// One run of the benchmarks: how it ended, and what it wrote.
struct ToolRun: Sendable {
  let exitCode: CommandLineTool.ExitCode
  let output: String
  let errors: String

  init(_ arguments: [String]) {
    let transcript = Transcript()
    exitCode = BenchmarksTool.run(
      arguments,
      console: Console(
        output: { text in transcript.output.withLock { $0 += text } },
        error: { text in transcript.errors.withLock { $0 += text } }, errorIsTerminal: false))
    self.output = transcript.output.withLock(\.self)
    self.errors = transcript.errors.withLock(\.self)
  }

  init(_ arguments: String...) { self.init(arguments) }

  /// The lines of results that begin with a word, leading spaces aside.
  func lines(of word: String) -> [Substring] {
    output.split(separator: "\n").filter { $0.drop { $0 == " " }.hasPrefix(word) }
  }

  private final class Transcript: Sendable {
    let output = Mutex("")
    let errors = Mutex("")
  }
}
