import Foundation

/// The file of this program, to start it as a contestant.
enum OwnProgram {
  static var path: String {
    let own = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    guard own.lastPathComponent != name else { return own.path }
    // In tests, the running program is another, and this one is beside it.
    return own.deletingLastPathComponent().appending(path: name).path
  }

  private static let name = "benchmarks"
}
