import ConvoyPictures
import ConvoySafetensors
import ConvoyTestSupport
import Foundation
import Testing

/// A directory for one test, removed with its owner. In it lies a data set, `data`, of four classes
/// that the place of a bright quarter tells apart: 50 images of 8×8 to train on and 21 to test.
package final class Workspace: Sendable {
  package let url: URL

  package init(data: [String: [UInt8]] = ImageFiles.mnist()) throws {
    url = FileManager.default.temporaryDirectory.appending(path: "convoy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, bytes) in data { try write(bytes, to: "data/\(name)") }
  }

  /// Whose data are three classes of twelve pictures of several sizes: noise around a grey that tells the
  /// class.
  package static func pictures() throws -> Workspace {
    let workspace = try Workspace(data: [:])
    var generator = SeededGenerator(seed: 3)
    for (name, shade) in [("dark", 30), ("light", 220), ("middle", 120)] {
      for number in 0..<12 {
        let (width, height) = (generator.integer(in: 6...20), generator.integer(in: 6...20))
        let bytes = (0..<width * height).map { _ in
          UInt8(shade + generator.integer(in: -20...20))
        }
        try workspace.write(
          PNGFile.encode(Picture(width: width, height: height, channels: 1, bytes: bytes)),
          to: "data/\(name)/\(number).png")
      }
    }
    return workspace
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  package func path(_ name: String) -> String { url.appending(path: name).path }

  package var data: String { path("data") }

  package func write(_ bytes: [UInt8], to name: String) throws {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: file.path)
  }

  package func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  package func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: url.appending(path: name)))
  }

  package func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  package func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: url.appending(path: name))
  }

  /// All files, hidden ones and those of subdirectories too, with their contents.
  package func contents() throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: url.path) {
      var isDirectory: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path(name), isDirectory: &isDirectory)
      contents[name] = isDirectory.boolValue ? [] : try bytes(name)
    }
    return contents
  }

  /// The arguments that train on the data, in little time.
  package func training(_ arguments: String...) -> [String] { training(arguments) }

  package func training(_ arguments: [String]) -> [String] {
    ["train", "--data", data, "--batch", "16", "--threads", "2"] + model(arguments) + arguments
  }

  /// The default preset, unless the arguments name another network or a run that has one.
  private func model(_ arguments: [String]) -> [String] {
    arguments.contains("--model") || arguments.contains("--resume") ? [] : ["--model", "small"]
  }

  /// The arguments of a run with a model and a log: twelve steps in three epochs.
  package func run(_ name: String, _ arguments: [String], threads: String = "2") -> [String] {
    [
      "train", "--data", data, "--batch", "16", "--threads", threads, "--dropout", "0.2",
      "--schedule", "cosine", "--learning-rate", "0.01", "--output", path(name), "--log",
      path("\(name).log"), "--log-steps",
    ] + model(arguments) + arguments
  }

  /// The same for more epochs than any test waits for.
  package func endlessTraining(_ arguments: String...) -> [String] {
    training(["--epochs", "1000000"] + arguments)
  }

  /// Waits until a file is there, for half a minute at most.
  package func wait(for name: String) throws {
    for _ in 0..<3000 where !exists(name) { usleep(10_000) }
    try #require(exists(name))
  }

  /// Trains for an epoch and writes the model to `name`.
  @discardableResult
  package func trainModel(_ name: String, _ arguments: String...) -> ToolRun {
    ToolRun(training(["--epochs", "1", "--output", path(name)] + arguments))
  }

  package func evaluate(_ name: String) -> ToolRun {
    ToolRun("evaluate", "--weights", path(name), "--data", data, "--threads", "2")
  }

  /// Reads a model file or a checkpoint, changes it and writes it back, with the right checksum.
  package func edit(
    _ name: String,
    _ change: (_ tensors: inout [NamedTensor], _ metadata: inout [String: String]) -> Void
  ) throws {
    let file = try SafetensorsFile(contentsOf: path(name))
    var tensors = file.tensors
    var metadata = file.metadata
    change(&tensors, &metadata)
    let bytes = Array(SafetensorsFile(tensors: tensors, metadata: metadata).encoded())
    try write(tensors.last?.name == "checksum" ? sealed(bytes) : bytes, to: name)
  }
}
