import Foundation

/// The commit of the working directory.
enum Commit {
  /// Its short hash, followed by `+` if the working tree differs; "unknown" if git reports none.
  static var current: String {
    guard let name = git(["rev-parse", "--short", "HEAD"]), !name.isEmpty else { return "unknown" }
    return name + (git(["status", "--porcelain"]) == "" ? "" : "+")
  }

  /// What git prints, without its last line end; nil if it fails.
  private static func git(_ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    let output = Pipe()
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let text = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    ended.wait()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}
