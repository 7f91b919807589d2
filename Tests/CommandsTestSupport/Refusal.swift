import ConvoyTerminal
import Testing

/// Expects that the tool refused at once: no result, one line of error that holds each of `words`.
///
/// - Parameter exitCode: `usage` where the command line is wrong, `failure` where a file is.
package func expectRefusal(
  _ run: ToolRun, _ exitCode: CommandLineTool.ExitCode = .failure, saying words: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(run.output == "", sourceLocation: sourceLocation)
  expectError(run, exitCode, saying: words, sourceLocation: sourceLocation)
}

/// Expects one line of error that holds each of `words`, whatever the tool printed before.
package func expectError(
  _ run: ToolRun, _ exitCode: CommandLineTool.ExitCode = .failure, saying words: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(run.exitCode == exitCode, sourceLocation: sourceLocation)
  #expect(run.errors.hasPrefix("Error: "), sourceLocation: sourceLocation)
  #expect(
    run.errors.firstIndex(of: "\n") == run.errors.indices.last, "one line: \(run.errors)",
    sourceLocation: sourceLocation)
  for word in words {
    #expect(
      run.errors.contains(word), "'\(word)' in: \(run.errors)", sourceLocation: sourceLocation)
  }
}
