import Foundation

/// The tool as a process of its own, for what would end the tests' process too.
package final class ToolProcess {
  private let process = Process()
  private let output = Pipe()
  private let errors = Pipe()

  /// - Parameter limits: commands of a shell that runs before the tool, in its process.
  package init(_ arguments: [String], limits: String = ":") throws {
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "\(limits); exec \"$@\"", "sh", Self.tool] + arguments
    process.standardOutput = output
    process.standardError = errors
    try process.run()
  }

  /// Built beside the bundle that these tests are in.
  package static var tool: String {
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    var url = URL(filePath: bundle)
    while url.path.contains(".xctest") { url.deleteLastPathComponent() }
    return url.appending(path: "convoy").path
  }

  /// Closes standard output after some text was read.
  package func closeOutput(after text: String) throws {
    try readOutput(until: text)
    try output.fileHandleForReading.close()
  }

  /// Reads standard output up to some text, and little further.
  package func readOutput(until text: String) throws {
    var read = ""
    while !read.contains(text) {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { break }
      read += String(decoding: data, as: UTF8.self)
    }
  }

  package var isRunning: Bool { process.isRunning }

  package func send(_ signal: CInt) { kill(process.processIdentifier, signal) }

  /// How it ended, with all that it wrote and nobody has read.
  package func wait() -> (exitCode: Int32, output: String, errors: String) {
    func text(_ pipe: Pipe) -> String {
      let data = (try? pipe.fileHandleForReading.readToEnd()) ?? nil
      return String(decoding: data ?? Data(), as: UTF8.self)
    }
    let texts = (text(output), text(errors))
    process.waitUntilExit()
    return (process.terminationStatus, texts.0, texts.1)
  }
}
