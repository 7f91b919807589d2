import Foundation

/// The process of a contestant, which is idle until its turn.
///
/// It reads a line from its standard input and answers with a line on its standard output.
final class ContestantProcess {
  private let process = Process()
  private let questions = Pipe()
  private let answers = Pipe()
  /// Its standard error, whose last line goes into errors.
  private let remarks: FileHandle
  /// Signalled when the process has ended. `waitUntilExit` would wait on this thread's run loop,
  /// which may never be notified.
  private let ended = DispatchSemaphore(value: 0)
  private var unread = Data()
  private let patience: Int

  /// - Parameters:
  ///   - command: a program, found as a shell finds it, and its arguments.
  ///   - patience: seconds to wait for an answer.
  init(_ command: [String], patience: Int = 900) throws(ContestantError) {
    self.patience = patience
    // The end of the process shows in its answers; it must not end this one by SIGPIPE.
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
      // Both processes keep the file open, so it can be removed now and disappears when they end.
      defer { try? FileManager.default.removeItem(at: file) }
      remarks = try FileHandle(forReadingFrom: file)
      process.standardError = try FileHandle(forWritingTo: file)
      try process.run()
    } catch {
      throw .notStarted(
        program: command.first ?? "nothing", reason: error.localizedDescription)
    }
    // Closed here, so that the pipe ends with the process.
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

  /// The error for a process that no longer reads or answers.
  private func end() -> ContestantError {
    _ = ended.wait(timeout: .now() + 5)
    guard !process.isRunning else { return .failed("it closed its answers and runs on") }
    let text = String(decoding: (try? remarks.readToEnd()) ?? Data(), as: UTF8.self)
    let lastWords = text.split(whereSeparator: \.isNewline).last ?? ""
    return .ended(status: process.terminationStatus, lastWords: String(lastWords.prefix(300)))
  }
}
