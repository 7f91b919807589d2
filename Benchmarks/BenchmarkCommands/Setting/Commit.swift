import ConvoyCommit
import Foundation

/// The commit that the benchmarks were built of.
enum Commit {
  /// Its short hash, followed by `+` in a working tree of it that differs, and by `?` where that cannot be
  /// told: outside the repository, or after a newer commit; "unknown" where it was built without git.
  static var current: String {
    // The pointer is to a constant that ends with a zero.
    let built = unsafe String(cString: convoy_commit()).prefix(7)
    guard !built.isEmpty else { return "unknown" }
    guard git(["rev-parse", "HEAD"])?.hasPrefix(built) == true else { return built + "?" }
    return built + (git(["status", "--porcelain"]) == "" ? "" : "+")
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
