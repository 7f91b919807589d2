import Foundation

/// A directory for one test, removed with its owner: a small network, and room for peers' scripts.
final class Workspace {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "convoy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try write(
      """
      {"layers": [
        {"type": "convolution", "filters": 8, "kernelSize": 3, "padding": 1}, {"type": "relu"},
        {"type": "maxPooling", "kernelSize": 2}, {"type": "flatten"}, {"type": "dense", "units": 10}
      ]}
      """, to: "tiny.json")
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appending(path: name))
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

  /// Runs a command on the small network, for as short a time as can be.
  func run(_ arguments: String...) -> ToolRun {
    ToolRun(
      arguments + [
        "--model", path("tiny.json"), "--input", "2x6x6", "--rounds", "2", "--seconds", "0.002",
        "--warm-up", "0.002",
      ])
  }

  /// Runs `peers` with PyTorch's part played by a shell script.
  func runPeers(script: String, _ arguments: String...) throws -> ToolRun {
    try write(script, to: "pytorch.py")
    return ToolRun(
      [
        "peers", "--python", "sh", "--pause", "0", "--peers", "pytorch", "--scripts", url.path,
        "--threads", "1",
        "--batch", "4", "--model", path("tiny.json"), "--input", "2x6x6", "--rounds", "2",
        "--seconds", "0.002", "--warm-up", "0.002",
      ] + arguments)
  }
}
