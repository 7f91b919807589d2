import ConvoyCommands
import ConvoyTerminal
import Synchronization
import Testing

/// One run of the tool: how it ended, and what it wrote.
package struct ToolRun: Sendable {
  package let exitCode: CommandLineTool.ExitCode
  package let output: String
  package let errors: String

  /// - Parameters:
  ///   - errorIsTerminal: whether the tool may draw progress.
  ///   - columns: of a terminal that results are written to.
  ///   - onOutput: sees each text as it is written, and may refuse it.
  package init(
    _ arguments: [String], errorIsTerminal: Bool = false, columns: Int? = nil,
    onOutput: @escaping @Sendable (String) throws -> Void = { _ in }
  ) {
    let transcript = Transcript()
    let console = Console(
      output: { text in
        try onOutput(text)
        transcript.output.withLock { $0 += text }
      },
      error: { text in transcript.errors.withLock { $0 += text } },
      errorIsTerminal: errorIsTerminal, outputColumns: { columns })
    exitCode = ConvoyTool.run(arguments, console: console)
    output = transcript.output.withLock(\.self)
    errors = transcript.errors.withLock(\.self)
  }

  package init(_ arguments: String...) { self.init(arguments) }

  /// The lines of results, without the end of the last one.
  package var lines: [Substring] {
    output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }

  /// The lines that report epochs.
  package var epochLines: [Substring] { lines.filter { EpochRow($0) != nil } }

  package var epochRows: [EpochRow] { lines.compactMap { EpochRow($0) } }

  /// The checksum of all weights, which training prints last. A run that did not print it fails its test.
  package var fingerprint: Substring {
    get throws {
      let label = "weights CRC-32 "
      let last = try #require(lines.last, "\(errors)")
      return try #require(last.hasPrefix(label) ? last.dropFirst(label.count) : nil, "\(errors)")
    }
  }

  private final class Transcript: Sendable {
    let output = Mutex("")
    let errors = Mutex("")
  }
}

/// What training prints of an epoch.
package struct EpochRow: Equatable {
  package let number: Int
  package let epochs: Int
  package let loss: Substring
  /// In percent.
  package let trainingAccuracy: Substring
  /// On test or validation images, in percent.
  package let accuracy: Substring
  package let judgedLoss: Substring
  package let seconds: Substring
  package let rate: Substring

  /// Nil for other lines.
  package init?(_ line: some StringProtocol) {
    let pattern =
      #/ *(\d+)/(\d+) +(\S+) +(\d+\.\d\d)% +(\d+\.\d\d)% +(\S+) +(\d+\.\d\d) s +(\d{1,3}(?:,\d{3})*)/#
    let text = String(line)
    guard let found = text.wholeMatch(of: pattern), let number = Int(found.1),
      let epochs = Int(found.2)
    else { return nil }
    self.number = number
    self.epochs = epochs
    (loss, trainingAccuracy, accuracy, judgedLoss) = (found.3, found.4, found.5, found.6)
    (seconds, rate) = (found.7, found.8)
  }

  /// The number of the epoch that a printed text reports; nil if it is another text.
  package static func number(of text: String) -> Int? {
    EpochRow(text.hasSuffix("\n") ? text.dropLast() : text[...])?.number
  }
}
