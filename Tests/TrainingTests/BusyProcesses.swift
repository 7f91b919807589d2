import Foundation

/// Processes that do nothing, as fast as they can, so that whoever waits for a core waits longer.
struct BusyProcesses {
  private let processes: [Process]

  init(count: Int) throws {
    processes = try (0..<count).map { _ in
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      // They end with this process, however it ends.
      let parent = ProcessInfo.processInfo.processIdentifier
      process.arguments = ["-c", "while kill -0 \(parent); do :; done"]
      process.standardError = FileHandle.nullDevice
      try process.run()
      return process
    }
  }

  func end() {
    for process in processes {
      process.terminate()
      process.waitUntilExit()
    }
  }
}
