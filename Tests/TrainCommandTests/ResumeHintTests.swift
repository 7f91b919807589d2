import ConvoyTraining
import Foundation
import Testing

@testable import ConvoyCommands

/// The command that an interrupted run prints can be pasted.
@Suite struct ResumeHintTests {
  @Test(arguments: [
    ("run.ckpt", "run.ckpt"), ("/a/b-1_2.ckpt", "/a/b-1_2.ckpt"), ("my run", "'my run'"),
    ("it's", #"'it'\''s'"#), ("$HOME/*", "'$HOME/*'"), ("-run", "./-run"), ("~", "'~'"),
    ("naïve", "'naïve'"), ("a\nb'\\", #"$'a\012b\'\\'"#),
  ])
  func aPathIsOneWordOfAShell(path: String, word: String) throws {
    let interruption = RunInterruption(epoch: 1, step: 2, checkpoint: path)
    let hint = "\(InterruptedCommand(interruption, by: SIGINT))"
    #expect(hint.hasSuffix("resume with: convoy train --resume \(word)"))
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", "printf %s \(word)"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let read = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(String(decoding: read, as: UTF8.self) == (path.hasPrefix("-") ? "./\(path)" : path))
  }
}
