import Foundation
import Testing

/// A run that is broken off and resumed writes the same bytes, model and log, as one that was not.
@Suite struct CheckpointTests {
  private let workspace: Workspace
  private struct BrokenOff: Error {}

  init() throws { workspace = try Workspace() }

  private var checkpoint: String { workspace.path("run.ckpt") }

  /// Twelve steps in three epochs.
  private func run(_ name: String, _ arguments: [String], threads: String = "2") -> [String] {
    [
      "train", "--data", workspace.data, "--batch", "16", "--threads", threads, "--dropout", "0.2",
      "--schedule", "cosine", "--learning-rate", "0.01", "--output", workspace.path(name), "--log",
      workspace.path("\(name).log"), "--log-steps",
    ] + arguments
  }

  private func log(_ name: String) throws -> String {
    try workspace.text("\(name).log")
      .replacing(#/,?"(seconds|samplesPerSecond)":[^,}]*/#, with: "")
  }

  private func withoutTimes(_ lines: [Substring]) -> [String] {
    lines.map { String($0.replacing(#/, \d+\.\d\d s, .*/#, with: "")) }
  }

  /// Breaks the run off as it prints an epoch, which is after its steps and before its checkpoint.
  @Test(
    arguments: ["epoch", "1", "3", "5", "100"],
    [[], ["--validation", "0.2", "--keep", "best", "--early-stopping", "3"]])
  func whatWasBrokenOffGoesOn(every: String, judging: [String]) throws {
    let whole = ToolRun(run("whole", judging))
    #expect(whole.exitCode == .success, "\(whole.errors)")

    let saving = judging + ["--checkpoint", checkpoint, "--checkpoint-every", every]
    var lines: [Substring] = []
    for epoch in 2...3 {
      let isFirst = !workspace.exists("run.ckpt")
      let broken = ToolRun(
        isFirst ? run("broken", saving) : ["train", "--resume", checkpoint, "--threads", "1"]
      ) { if $0.hasPrefix("epoch \(epoch)") { throw BrokenOff() } }
      #expect(broken.exitCode == .failure)
      if every != "100" { #expect(workspace.exists("run.ckpt")) }
    }
    let end = ToolRun(
      workspace.exists("run.ckpt")
        ? ["train", "--resume", checkpoint, "--threads", "3"] : run("broken", saving, threads: "3"))
    #expect(end.exitCode == .success, "\(end.errors)")
    lines = end.lines
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
    #expect(end.fingerprint == whole.fingerprint)
    let epochs = withoutTimes(end.epochLines)
    #expect(withoutTimes(whole.epochLines).suffix(epochs.count) == epochs[...])
    #expect(lines.count > 2)

    // Once more from the end: nothing is trained, and all is written again.
    try workspace.remove("broken")
    let again = ToolRun("train", "--resume", checkpoint)
    #expect(again.exitCode == .success, "\(again.errors)")
    #expect(again.epochLines.isEmpty)
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
  }

  @Test func optionsOfTheRunAreTakenOnlyAsTheyWere() throws {
    try #require(ToolRun(run("model", ["--checkpoint", checkpoint])).exitCode == .success)
    for same in [
      ["--learning-rate", "1e-2"], ["--batch", "16"], ["--epochs", "3"], ["--seed", "00"],
      ["--beta1", "0.90"], ["--optimizer", "adam"], ["--model", "small"], ["--keep", "last"],
      ["--checkpoint-every", "7"], ["--output", workspace.path("other")],
    ] {
      let run = ToolRun(["train", "--resume", checkpoint] + same)
      #expect(run.exitCode == .success, "\(same): \(run.errors)")
    }
    let before = try workspace.contents()
    for (option, value, saved) in [
      ("--learning-rate", "0.02", "'0.01'"), ("--batch", "17", "'16'"), ("--epochs", "4", "'3'"),
      ("--seed", "1", "'0'"), ("--optimizer", "sgd", "'adam'"), ("--steps", "5", "none"),
      ("--model", "fast", "'small'"), ("--validation", "0.1", "none"),
      ("--dropout", "0.3", "'0.2'"),
      ("--weight-decay", "0.1", "none"), ("--shuffle", "off", "'on'"), ("--clip-norm", "1", "none"),
      ("--schedule", "step", "'cosine'"), ("--initialization", "he", "'xavier'"),
      ("--normalization", "unit", "'standard'"), ("--loss", "hinge", "'cross-entropy'"),
      ("--initial-weights", "x", "none"), ("--keep", "best", "'last'"),
    ] {
      expectRefusal(
        ToolRun("train", "--resume", checkpoint, option, value), .usage,
        saying: ["\(option): expected \(saved), as in \(checkpoint), found '\(value)'"])
    }
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--output", checkpoint), .usage,
      saying: ["--output: expected a file that the run does not use otherwise"])
    #expect(try workspace.contents() == before)
  }

  @Test func otherDataIsRefused() throws {
    try #require(ToolRun(run("model", ["--checkpoint", checkpoint])).exitCode == .success)
    var images = ImageFiles.images(50)
    images[images.count - 1] ^= 1
    try workspace.write(images, to: "data/\(ImageFiles.trainingImages)")
    expectRefusal(
      ToolRun("train", "--resume", checkpoint), .usage,
      saying: ["--data: expected 50 training and 21 test images of 1×8×8 (checksums ", "found 50"])
  }

  @Test func thatWhichIsNoCheckpointIsRefused() throws {
    expectRefusal(
      ToolRun("train", "--resume", workspace.path("none")), saying: ["none: cannot open: No such"])
    workspace.trainModel("model")
    expectRefusal(
      ToolRun("train", "--resume", workspace.path("model")),
      saying: ["metadata 'checkpoint': expected a checkpoint that convoy train wrote, found none"])
    try #require(ToolRun(run("model", ["--checkpoint", checkpoint])).exitCode == .success)
    try workspace.edit("run.ckpt") { _, metadata in
      metadata["checkpoint"] = metadata["checkpoint"]?.replacing("\"batch\":", with: "\"bach\":")
    }
    expectRefusal(
      ToolRun("train", "--resume", checkpoint),
      saying: ["expected options of convoy train, found 'bach'"])
  }

  /// A network in a file is kept, whatever becomes of the file.
  @Test func theNetworkIsTheCheckpoints() throws {
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4}]}"#, to: "net.json")
    let options = ["--model", workspace.path("net.json"), "--checkpoint", checkpoint]
    let whole = ToolRun(workspace.training() + options)
    try workspace.remove("net.json")
    #expect(ToolRun("train", "--resume", checkpoint).fingerprint == whole.fingerprint)
    #expect(whole.fingerprint != nil)
  }

  /// Data that shrinks or vanishes while a run trains on it changes nothing: it was read before.
  @Test func dataMayVanishWhileTraining() throws {
    let whole = ToolRun(workspace.training())
    let images = workspace.path("data/\(ImageFiles.trainingImages)")
    let data = workspace.data
    let run = ToolRun(workspace.training()) { text in
      if text.hasPrefix("epoch 1") { #expect(truncate(images, 100) == 0) }
      if text.hasPrefix("epoch 2") { try FileManager.default.removeItem(atPath: data) }
    }
    #expect(run.exitCode == .success)
    #expect(run.fingerprint == whole.fingerprint)
  }

  @Test(arguments: [
    ("missing/run.ckpt", "No such file or directory"), ("data", "Is a directory"),
    ("old/run.ckpt", "Not a directory"),
  ])
  func anUnwritablePathIsRefusedFirst(name: String, reason: String) throws {
    try workspace.write("old", to: "old")
    expectRefusal(
      ToolRun(workspace.training("--checkpoint", workspace.path(name))),
      saying: ["Error: \(workspace.path(name)): cannot ", reason])
  }
}
