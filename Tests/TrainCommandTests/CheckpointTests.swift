import ConvoyCommandsTestSupport
import ConvoySafetensors
import ConvoyTerminal
import Foundation
import Synchronization
import Testing

/// A run that is broken off and resumed writes the same bytes, model and log, as one that was not.
@Suite struct CheckpointTests {
  private let workspace: Workspace
  private struct BrokenOff: Error {}

  init() throws { workspace = try Workspace() }

  private var checkpoint: String { workspace.path("run.ckpt") }

  /// The lines after the first, which names the run's files, without times and memory.
  private func log(_ name: String) throws -> String {
    try workspace.text("\(name).log")
      .replacing(#/,?"(seconds|runSeconds|samplesPerSecond|peakMemory)":[^,}]*/#, with: "")
      .replacing(#/^.*\n/#, with: "", maxReplacements: 1)
  }

  private func withoutTimes(_ lines: [Substring]) -> [String] {
    lines.map { String($0.replacing(#/ +\d+\.\d\d s .*/#, with: "")) }
  }

  /// Breaks the run off as it prints an epoch, as a kill would: what it saves on its way out is taken
  /// back.
  @Test(
    arguments: ["epoch", "1", "3", "5", "100"],
    [
      [],
      [
        "--validation", "0.2", "--keep", "best", "--early-stopping", "3", "--average-weights",
        "ema", "--average-decay", "0.75", "--augment", "crop:1,rotate:20,noise:0.1",
      ],
      [
        "--drop-last", "--label-smoothing", "0.1", "--class-weights", "balanced",
        "--bias-rate-factor", "4", "--average-weights", "lookahead", "--lookahead-rate", "0.3",
        "--cutmix", "1", "--precision", "bf16",
      ],
    ])
  func whatWasBrokenOffGoesOn(every: String, options: [String]) throws {
    let whole = ToolRun(workspace.run("whole", options))
    #expect(whole.exitCode == .success, "\(whole.errors)")

    let saving = options + ["--checkpoint", checkpoint, "--checkpoint-every", every]
    for epoch in 2...3 {
      let isFirst = !workspace.exists("run.ckpt")
      let saved = Mutex<[UInt8]?>(nil)
      let run = ToolRun(
        isFirst
          ? workspace.run("broken", saving) : ["train", "--resume", checkpoint, "--threads", "1"]
      ) { [workspace] text in
        guard EpochRow.number(of: text) == epoch else { return }
        let bytes = workspace.exists("run.ckpt") ? try workspace.bytes("run.ckpt") : nil
        saved.withLock { $0 = bytes }
        throw BrokenOff()
      }
      #expect(run.exitCode == .failure)
      if let bytes = saved.withLock({ $0 }) {
        try workspace.write(bytes, to: "run.ckpt")
      } else {
        try workspace.remove("run.ckpt")
      }
      if every != "100" { #expect(workspace.exists("run.ckpt")) }
    }
    let isLeft = workspace.exists("run.ckpt")
    let end = ToolRun(
      isLeft
        ? ["train", "--resume", checkpoint, "--threads", "3"]
        : workspace.run("broken", saving, threads: "3"))
    #expect(end.exitCode == .success, "\(end.errors)")
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
    #expect(try end.fingerprint == whole.fingerprint)
    let epochs = withoutTimes(end.epochLines)
    #expect(withoutTimes(whole.epochLines).suffix(epochs.count) == epochs[...])
    #expect(end.lines.count > 3)

    // Once more from the end: nothing is trained, and all is written again.
    try workspace.remove("broken")
    let again = ToolRun("train", "--resume", checkpoint)
    #expect(again.exitCode == .success, "\(again.errors)")
    #expect(again.epochLines.isEmpty)
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
  }

  /// Results that nobody takes any more end the run after its epoch is saved, due or not.
  @Test(arguments: ["epoch", "3", "100"], [1, 2])
  func anEpochThatCannotBePrintedIsNotLost(every: String, epoch: Int) throws {
    try #require(ToolRun(workspace.run("whole", [])).exitCode == .success)
    let broken = ToolRun(
      workspace.run("broken", ["--checkpoint", checkpoint, "--checkpoint-every", every])
    ) { if EpochRow.number(of: $0) == epoch { throw BrokenOff() } }
    #expect(broken.exitCode == .failure)
    let rest = ToolRun("train", "--resume", checkpoint)
    #expect(rest.exitCode == .success, "\(rest.errors)")
    #expect(rest.output.contains("resuming after step \(4 * epoch) "))
    #expect(rest.epochLines.count == 3 - epoch)
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
  }

  @Test func aModelIsWrittenBeforeItIsToldOf() throws {
    let whole = ToolRun(workspace.run("whole", ["--validation", "0.2"]))
    #expect(whole.exitCode == .success)
    let broken = ToolRun(workspace.run("broken", ["--validation", "0.2"])) {
      if $0.hasPrefix("test accuracy") { throw BrokenOff() }
    }
    #expect(broken.exitCode == .failure)
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
  }

  /// Two runs that write one file would each spoil what the other has.
  @Test func aFileIsWrittenByOneRunAtATime() throws {
    let options = workspace.run("model", ["--checkpoint", checkpoint])
    let log = workspace.path("model.log")
    let second = Mutex<[ToolRun]>([])
    let (training, data) = (workspace.training(), workspace.path("other.ckpt"))
    let first = ToolRun(options) { [checkpoint] text in
      guard EpochRow.number(of: text) == 2 else { return }
      let runs = [
        ToolRun(training + ["--checkpoint", checkpoint]),
        ToolRun("train", "--resume", checkpoint),
        ToolRun("train", "--resume", checkpoint, "--checkpoint", data),
        ToolRun(training + ["--log", log]),
      ]
      second.withLock { $0 = runs }
    }
    #expect(first.exitCode == .success, "\(first.errors)")
    let refused = second.withLock { $0 }
    #expect(refused.count == 4)
    for (run, path) in zip(refused, [checkpoint, checkpoint, log, log]) {
      expectRefusal(run, saying: ["Error: \(path): cannot lock: Another run is writing this file"])
    }
    #expect(try LogLine.epochs(log) == [1, 2, 3])
    let again = ToolRun("train", "--resume", checkpoint)
    #expect(again.exitCode == .success)
    #expect(try again.fingerprint == first.fingerprint)
    let names = try workspace.contents().keys
    #expect(!names.contains { $0.contains(".lock") })
  }

  /// Counts of batches are whole numbers and weights are not, whatever the file has them as.
  @Test func resumingChangesNoElementType() throws {
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4}, "#
        + #"{"type": "batchNormalization", "momentum": 0}]}"#, to: "net.json")
    let run = ToolRun(
      workspace.training(
        "--model", workspace.path("net.json"), "--validation", "0.2", "--keep", "best",
        "--learning-rate", "1e-30", "--checkpoint", checkpoint)
    ) { text in if EpochRow.number(of: text) == 2 { throw BrokenOff() } }
    #expect(run.exitCode == .failure)
    try workspace.edit("run.ckpt") { tensors, _ in
      tensors = tensors.map { tensor in
        guard tensor.name == "best.1.bias" else { return tensor }
        return NamedTensor(
          name: tensor.name, type: .integer, shape: tensor.shape,
          values: Array(repeating: 0x1p62, count: tensor.values.count))
      }
    }
    let rest = ToolRun("train", "--resume", checkpoint)
    #expect(rest.exitCode == .success, "\(rest.errors)")
    let saved = try SafetensorsFile(contentsOf: checkpoint).tensors
    #expect(saved.contains { $0.name == "best.1.bias" && $0.values[0] == 0x1p62 })
    for tensor in saved {
      #expect((tensor.type == .integer) == tensor.name.hasSuffix("tracked"), "\(tensor.name)")
    }
  }

  /// Data that shrinks or vanishes while a run trains on it changes nothing: it was read before.
  @Test func dataMayVanishWhileTraining() throws {
    let whole = ToolRun(workspace.training())
    let images = workspace.path("data/\(ImageFiles.trainingImages)")
    let data = workspace.data
    let run = ToolRun(workspace.training()) { text in
      if EpochRow.number(of: text) == 1 { #expect(truncate(images, 100) == 0) }
      if EpochRow.number(of: text) == 2 { try FileManager.default.removeItem(atPath: data) }
    }
    #expect(run.exitCode == .success)
    #expect(try run.fingerprint == whole.fingerprint)
  }
}
