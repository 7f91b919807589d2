import Foundation

/// Where a command writes: results to standard output, progress and errors to standard error.
package struct Console: Sendable {
  package var output: @Sendable (String) -> Void
  package var error: @Sendable (String) -> Void
  /// Whether standard error is a terminal, on which a line can be written over.
  package var errorIsTerminal: Bool

  package init(
    output: @escaping @Sendable (String) -> Void, error: @escaping @Sendable (String) -> Void,
    errorIsTerminal: Bool
  ) {
    self.output = output
    self.error = error
    self.errorIsTerminal = errorIsTerminal
  }

  /// The process's own streams.
  package static var standard: Console {
    Console(
      output: { FileHandle.standardOutput.write(Data($0.utf8)) },
      error: { FileHandle.standardError.write(Data($0.utf8)) },
      errorIsTerminal: isatty(STDERR_FILENO) == 1)
  }

  /// Writes a line of results.
  func print(_ line: String) { output(line + "\n") }
}
