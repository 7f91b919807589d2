import Foundation

/// This program's file, to be started once more.
enum OwnProgram {
  static var path: String {
    let own = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    guard own.lastPathComponent != name else { return own.path }
    // Under test the program is another, and this one lies beside it.
    return own.deletingLastPathComponent().appending(path: name).path
  }

  private static let name = "benchmarks"
}
