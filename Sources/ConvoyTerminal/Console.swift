import ConvoyCommandLineOptions
import ConvoyFileAccess
import Foundation

/// Where a command writes: results to standard output, progress and errors to standard error.
package struct Console: Sendable {
  package var output: @Sendable (String) throws -> Void
  package var error: @Sendable (String) -> Void
  /// Whether standard error is a terminal, where a line can be overwritten.
  package var errorIsTerminal: Bool
  /// The columns of that terminal now.
  package var errorColumns: @Sendable () -> Int
  /// The columns that tables have now; nil where standard output is no terminal, and they are not limited.
  package var outputColumns: @Sendable () -> Int?

  package init(
    output: @escaping @Sendable (String) throws -> Void,
    error: @escaping @Sendable (String) -> Void, errorIsTerminal: Bool,
    errorColumns: @escaping @Sendable () -> Int = { TerminalWidth.fallback },
    outputColumns: @escaping @Sendable () -> Int? = { nil }
  ) {
    self.output = output
    self.error = error
    self.errorIsTerminal = errorIsTerminal
    self.errorColumns = errorColumns
    self.outputColumns = outputColumns
  }

  /// The process's own streams.
  package static var standard: Console {
    Console(
      // A reader that stalls must not keep a signal from ending the run.
      output: { text in
        do throws(FileError) {
          try StandardStream.output.write(text, while: { Interruption.pending == nil })
        } catch {
          throw error.isClosedPipe ? ClosedOutput() : error as any Error
        }
      },
      // Where errors cannot be written, there is nowhere to say so; the exit code still does.
      error: { try? StandardStream.error.write($0) },
      // A dumb terminal can neither return to the beginning of a line nor clear it.
      errorIsTerminal: isatty(STDERR_FILENO) == 1
        && ProcessInfo.processInfo.environment["TERM"] != "dumb",
      errorColumns: { TerminalWidth.ofErrors },
      outputColumns: { TerminalWidth.ofTerminal })
  }

  /// Writes a line of results.
  ///
  /// - Throws: `ClosedOutput`, or a `FileError`.
  package func print(_ line: String) throws { try output(line + "\n") }
}

/// The reader of standard output has closed it, as `head` does. Nothing is reported: a program that
/// SIGPIPE ends says nothing either.
package struct ClosedOutput: EndingSignal {
  package let signal = SIGPIPE
  package let description = ""

  package init() {}
}
