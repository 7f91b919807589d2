import FileAccess
import Foundation

/// Where a command writes: results to standard output, progress and errors to standard error.
package struct Console: Sendable {
  package var output: @Sendable (String) throws -> Void
  package var error: @Sendable (String) -> Void
  /// Whether standard error is a terminal, on which a line can be written over.
  package var errorIsTerminal: Bool

  package init(
    output: @escaping @Sendable (String) throws -> Void,
    error: @escaping @Sendable (String) -> Void, errorIsTerminal: Bool
  ) {
    self.output = output
    self.error = error
    self.errorIsTerminal = errorIsTerminal
  }

  /// The process's own streams.
  package static var standard: Console {
    Console(
      output: { text throws(FileError) in try StandardStream.output.write(text) },
      // Where errors cannot be written, there is nowhere to say so; the exit code still does.
      error: { try? StandardStream.error.write($0) },
      errorIsTerminal: isatty(STDERR_FILENO) == 1)
  }

  /// Writes a line of results.
  package func print(_ line: String) throws { try output(line + "\n") }
}
