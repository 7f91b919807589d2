import Foundation

/// A contestant in a process of its own, which waits for its turn, idle.
///
/// It reads a line from its standard input and answers with a line on its standard output.
final class ContestantProcess {
  private let process = Process()
  private let questions = Pipe()
  private let answers = Pipe()
  /// What it prints besides: kept for its last words.
  private let remarks: FileHandle
  /// Signalled when the process has ended. `waitUntilExit` would wait on this thread's run loop,
  /// which need not hear of it.
  private let ended = DispatchSemaphore(value: 0)
  private var unread = Data()
  private let patience: Int

  /// - Parameters:
  ///   - command: a program, found as a shell finds it, and its arguments.
  ///   - patience: seconds to wait for an answer.
  init(_ command: [String], patience: Int = 900) throws(ContestantError) {
    self.patience = patience
    // A process that has ended is told by its answers, not by a signal to this one.
    signal(SIGPIPE, SIG_IGN)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = questions
    process.standardOutput = answers
    process.terminationHandler = { [ended] _ in ended.signal() }
    let file = FileManager.default.temporaryDirectory.appending(
      path: "convoy-contestant-\(UUID().uuidString)")
    do {
      try Data().write(to: file)
      // Both have it open: whatever ends them, it is gone.
      defer { try? FileManager.default.removeItem(at: file) }
      remarks = try FileHandle(forReadingFrom: file)
      process.standardError = try FileHandle(forWritingTo: file)
      try process.run()
    } catch {
      throw .notStarted(
        program: command.first ?? "nothing", reason: error.localizedDescription)
    }
    // Its answers then end with it.
    try? answers.fileHandleForWriting.close()
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  func ask<Answer: Decodable>(
    _ question: String, for _: Answer.Type
  ) throws(ContestantError) -> Answer {
    do {
      try questions.fileHandleForWriting.write(contentsOf: Data((question + "\n").utf8))
    } catch {
      throw end()
    }
    let line = try nextLine()
    guard let answer = try? JSONDecoder().decode(Answer.self, from: line) else {
      throw .unintelligible(String(decoding: line, as: UTF8.self))
    }
    return answer
  }

  private func nextLine() throws(ContestantError) -> Data {
    let deadline = ContinuousClock.now + .seconds(patience)
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread = Data(unread[(end + 1)...]) }
        return Data(unread[..<end])
      }
      var descriptor = pollfd(
        fd: answers.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&descriptor, 1, 1_000) > 0 {
        let bytes = answers.fileHandleForReading.availableData
        guard !bytes.isEmpty else { throw end() }
        unread += bytes
      } else if !process.isRunning {
        throw end()
      } else if ContinuousClock.now > deadline {
        throw .silent(seconds: patience)
      }
    }
  }

  /// How a process ended that no longer listens or answers.
  private func end() -> ContestantError {
    _ = ended.wait(timeout: .now() + 5)
    guard !process.isRunning else { return .failed("it closed its answers and runs on") }
    let text = String(decoding: (try? remarks.readToEnd()) ?? Data(), as: UTF8.self)
    let lastWords = text.split(whereSeparator: \.isNewline).last ?? ""
    return .ended(status: process.terminationStatus, lastWords: String(lastWords.prefix(300)))
  }
}
