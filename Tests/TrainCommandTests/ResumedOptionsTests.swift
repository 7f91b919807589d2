import Convoy
import ConvoyCommandsTestSupport
import ConvoyTerminal
import ConvoyTraining
import Synchronization
import Testing

/// A resumed run has the options and the network of its checkpoint, and refuses others by name.
@Suite struct ResumedOptionsTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private var checkpoint: String { workspace.path("run.ckpt") }

  @Test func optionsOfTheRunAreTakenOnlyAsTheyWere() throws {
    try #require(
      ToolRun(workspace.run("model", ["--checkpoint", checkpoint])).exitCode == .success)
    for same in [
      ["--learning-rate", "1e-2"], ["--batch", "16"], ["--epochs", "3"], ["--seed", "00"],
      ["--beta1", "0.90"], ["--label-smoothing", "0"], ["--bias-rate-factor", "1"],
      ["--optimizer", "adam"],
      ["--model", "small"], ["--keep", "last"],
      ["--checkpoint-every", "7"], ["--output", workspace.path("other")],
    ] {
      let run = ToolRun(["train", "--resume", checkpoint] + same)
      #expect(run.exitCode == .success, "\(same): \(run.errors)")
    }
    let before = try workspace.contents()
    for (option, value, saved) in [
      ("--learning-rate", "0.02", "'0.01'"), ("--batch", "17", "'16'"),
      ("--seed", "1", "'0'"), ("--optimizer", "sgd", "'adam'"), ("--steps", "5", "none"),
      ("--validation", "0.1", "none"),
      ("--dropout", "0.3", "'0.2'"),
      ("--weight-decay", "0.1", "none"), ("--shuffle", "off", "'on'"), ("--clip-norm", "1", "none"),
      ("--schedule", "step", "'cosine'"), ("--initialization", "he", "'xavier'"),
      ("--normalization", "unit", "'standard'"), ("--loss", "hinge", "'cross-entropy'"),
      ("--label-smoothing", "0.1", "'0.0'"), ("--initial-weights", "x", "none"),
      ("--class-weights", "balanced", "none"), ("--bias-rate-factor", "2", "'1.0'"),
      ("--average-weights", "ema", "'none'"),
      ("--keep", "best", "'last'"), ("--mixup", "0.2", "none"),
    ] {
      expectRefusal(
        ToolRun("train", "--resume", checkpoint, option, value), .usage,
        saying: ["\(option): expected \(saved), as in \(checkpoint), found '\(value)'"])
    }
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--epochs", "4"), .usage,
      saying: [
        "--epochs: expected '3', as in \(checkpoint), since the cosine schedule depends on it, "
          + "found '4'"
      ])
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--drop-last"), .usage,
      saying: ["--drop-last: expected a run with it, found one without it in \(checkpoint)"])
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--model", "article"), .usage,
      saying: ["--model: expected the network of \(checkpoint), found 'article'"])
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--output", checkpoint), .usage,
      saying: ["--output: expected a file that the run does not use otherwise"])
    #expect(try workspace.contents() == before)
  }

  /// With a constant rate, a run that is given more epochs writes the bytes of one that had them from the
  /// beginning, and its log says how many they are.
  @Test func aRunIsProlonged() throws {
    func files(_ name: String) -> [String] {
      ["--output", workspace.path(name), "--log", workspace.path("\(name).log")]
    }
    let whole = ToolRun(workspace.training(files("whole") + ["--epochs", "5"]))
    #expect(whole.exitCode == .success, "\(whole.errors)")
    try #require(
      ToolRun(
        workspace.training(files("part") + ["--epochs", "2", "--checkpoint", checkpoint])
      ).exitCode == .success)
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--epochs", "1"), .usage,
      saying: [
        "--epochs: expected at least 2, which the run of \(checkpoint) has begun, found '1'"
      ])

    // As it is, it has ended, and tells what it came to.
    let ended = ToolRun("train", "--resume", checkpoint)
    #expect(
      ended.output.contains(
        "the run of \(checkpoint) has ended after step 8; more --epochs prolong it"))
    let second = try #require(whole.epochLines.dropFirst().first)
    let accuracy = try #require(second.split(separator: " ").dropFirst(3).first)
    #expect(ended.output.contains("\ntest accuracy \(accuracy), loss "))

    for epochs in [3, 5] {
      let longer = ToolRun("train", "--resume", checkpoint, "--epochs", "\(epochs)")
      #expect(longer.exitCode == .success, "\(longer.errors)")
      let log = try RunHistory(contentsOf: workspace.path("part.log"))
      #expect(log.epochs.map(\.number) == Array(1...epochs))
      #expect(log.run?.options["epochs"] == "\(epochs)")
    }
    #expect(try workspace.bytes("part") == workspace.bytes("whole"))
  }

  /// Its log was moved, and it is killed before its first epoch ends: the log that goes on says how long
  /// the run is.
  @Test func aProlongedRunIsBrokenOff() throws {
    struct BrokenOff: Error {}
    let (log, moved) = (workspace.path("part.log"), workspace.path("moved.log"))
    try #require(
      ToolRun(workspace.training("--epochs", "2", "--checkpoint", checkpoint, "--log", log))
        .exitCode == .success)
    try workspace.write(try workspace.bytes("part.log"), to: "moved.log")
    let saved = Mutex<[UInt8]>([])
    let broken = ToolRun([
      "train", "--resume", checkpoint, "--epochs", "4", "--log", moved, "--checkpoint-every", "100",
    ]) { [workspace] text in
      guard EpochRow.number(of: text) == 3 else { return }
      // As a kill leaves it, without what is saved on the way out.
      let bytes = try workspace.bytes("run.ckpt")
      saved.withLock { $0 = bytes }
      throw BrokenOff()
    }
    #expect(broken.exitCode == .failure)
    try workspace.write(saved.withLock(\.self), to: "run.ckpt")
    let ended = ToolRun("train", "--resume", checkpoint)
    #expect(ended.exitCode == .success, "\(ended.errors)")
    let history = try RunHistory(contentsOf: moved)
    #expect(history.run?.options["epochs"] == "4" && history.epochs.map(\.number) == [1, 2, 3, 4])
  }

  /// What a run writes at its end, and as it goes, it writes however often it was interrupted.
  @Test func reportAndEventsGoOn() throws {
    let files = ["--report", workspace.path("page"), "--tensorboard", workspace.path("board")]
    let part = ToolRun(workspace.training(files + ["--epochs", "2", "--checkpoint", checkpoint]))
    #expect(part.exitCode == .success, "\(part.errors)")
    try workspace.remove("page")
    try workspace.remove("board")
    let longer = ToolRun("train", "--resume", checkpoint, "--epochs", "3")
    #expect(longer.lines.last == "report written to \(workspace.path("page"))")
    #expect(try workspace.text("page").hasPrefix("<!DOCTYPE html>"))
    let board = try workspace.contents().first { $0.key.hasPrefix("board/events") }
    #expect(
      String(decoding: try #require(board?.value), as: UTF8.self)
        .ranges(of: "accuracy/test").count == 1)
    let elsewhere = ToolRun("train", "--resume", checkpoint, "--report", workspace.path("other"))
    #expect(elsewhere.exitCode == .success && workspace.exists("other"), "\(elsewhere.errors)")
  }

  /// The network is in the checkpoint, and the data has a checksum; the command line says where it is.
  @Test func aProgramsRunGoesOn() async throws {
    let network = Network {
      Convolution(filters: 4, kernelSize: 3)
      ReLU()
      Flatten()
      Dense(4)
    }
    func training(_ checkpoint: String? = nil) throws -> Training {
      var training = try Training(
        of: network, on: DataFiles(workspace.data), with: .sgd(learningRate: 0.02), batch: 16,
        seed: 5)
      training.checkpoint = checkpoint
      return training
    }
    var whole = try training()
    for try await _ in whole.epochs(3) {}
    try whole.model.write(to: workspace.path("whole"))
    var cut = try training(checkpoint)
    let epochs = cut.epochs(3)
    for try await _ in epochs { break }
    await epochs.stop()

    expectRefusal(
      ToolRun("train", "--resume", checkpoint), .usage,
      saying: ["--resume: expected --data <path> beside it", "found none"])
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--data", workspace.data, "--batch", "8"), .usage,
      saying: ["--batch: expected '16', as in \(checkpoint), found '8'"])
    let (log, model) = (workspace.path("log"), workspace.path("part"))
    let run = ToolRun(
      "train", "--resume", checkpoint, "--data", workspace.data, "--log", log, "--output", model)
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(try workspace.bytes("part") == workspace.bytes("whole"))
    #expect(
      try RunHistory(contentsOf: log).run?.options["model"]?.hasPrefix("network ") == true)
    // From here on, the checkpoint knows where the data is.
    #expect(try ToolRun("train", "--resume", checkpoint).fingerprint == run.fingerprint)
  }

  /// More epochs are not offered to a run that its steps or its patience ended.
  @Test(arguments: [
    ["--epochs", "2", "--steps", "8"],
    ["--epochs", "9", "--validation", "0.2", "--early-stopping", "1", "--learning-rate", "1e-30"],
  ])
  func whatEndedOtherwiseIsNotProlonged(options: [String]) throws {
    let run = ToolRun(workspace.training(options + ["--checkpoint", checkpoint]))
    #expect(run.exitCode == .success, "\(run.errors)")
    let ended = ToolRun("train", "--resume", checkpoint)
    #expect(ended.output.contains(" has ended after step "))
    #expect(!ended.output.contains("more --epochs"))
  }

  @Test func aWarmUpTiesARunToItsEpochs() throws {
    let run = ["--warmup-epochs", "1", "--epochs", "2", "--checkpoint", checkpoint]
    try #require(ToolRun(workspace.training(run)).exitCode == .success)
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--epochs", "3"), .usage,
      saying: ["--epochs: expected '2', as in \(checkpoint), since the warm-up depends on it"])
  }

  /// A class may count for nothing; all may not.
  @Test func aClassWeightMayBe0() throws {
    let whole = ToolRun(
      workspace.run("model", ["--checkpoint", checkpoint, "--class-weights", "0,1,1,2"]))
    #expect(whole.exitCode == .success, "\(whole.errors)")
    #expect(try ToolRun("train", "--resume", checkpoint).fingerprint == whole.fingerprint)
    expectRefusal(
      ToolRun(workspace.run("other", ["--class-weights", "0,0,0,0"])), .usage,
      saying: ["--class-weights: expected one of balanced, "])
  }

  /// The checkpoint has the numbers of a file of class weights, whatever becomes of the file.
  @Test func classWeightsAreKeptAsNumbers() throws {
    let weights = workspace.path("weights.txt")
    try workspace.write("1\n2\n0.5\n3\n", to: "weights.txt")
    let whole = ToolRun(
      workspace.run("model", ["--checkpoint", checkpoint, "--class-weights", weights]))
    #expect(whole.exitCode == .success, "\(whole.errors)")
    #expect(
      try ToolRun(workspace.run("other", ["--class-weights", "1,2,0.5,3"])).fingerprint
        == whole.fingerprint)
    for same in ["1.0,2,0.50,3e0", weights] {
      let again = ToolRun("train", "--resume", checkpoint, "--class-weights", same)
      #expect(try again.fingerprint == whole.fingerprint, "\(again.errors)")
    }
    try workspace.write("1,2,0.5,4", to: "weights.txt")
    for (other, found) in [
      (weights, "1.0,2.0,0.5,4.0"), ("balanced", "balanced"), ("1,2,0.5", "1,2,0.5"),
    ] {
      expectRefusal(
        ToolRun("train", "--resume", checkpoint, "--class-weights", other), .usage,
        saying: [
          "--class-weights: expected '1.0,2.0,0.5,3.0', as in \(checkpoint), found '\(found)'"
        ])
    }
    try workspace.remove("weights.txt")
    #expect(try ToolRun("train", "--resume", checkpoint).fingerprint == whole.fingerprint)
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--class-weights", weights),
      saying: ["\(weights): cannot open: "])
  }

  @Test func pointsOfAScheduleAreKept() throws {
    let points = "0:0.2,0.23:1,1:0.07"
    let options = workspace.training("--schedule", "linear", "--schedule-points")
    let whole = ToolRun(options + [points, "--checkpoint", checkpoint, "--checkpoint-every", "5"])
    #expect(whole.exitCode == .success, "\(whole.errors)")
    #expect(try ToolRun(options + ["0:0.2,0.25:1,1:0.07"]).fingerprint != whole.fingerprint)
    for same in [points, "0:0.20,23e-2:1.0,1:0.07"] {
      let again = ToolRun("train", "--resume", checkpoint, "--schedule-points", same)
      #expect(try again.fingerprint == whole.fingerprint, "\(again.errors)")
    }
    for other in ["0:0.2,0.23:1,1:0.08", "0:0.2,1:0.07", "0:0.2:0.23:1,1:0.07"] {
      expectRefusal(
        ToolRun("train", "--resume", checkpoint, "--schedule-points", other), .usage,
        saying: [
          "--schedule-points: expected '0.0:0.2,0.23:1.0,1.0:0.07', as in \(checkpoint), "
            + "found '\(other)'"
        ])
    }
  }

  /// A file that describes another network now is refused where the command line names it again.
  @Test func anEditedNetworkIsNotTakenForTheCheckpoints() throws {
    func net(_ units: Int) -> String {
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": \#(units)}, "#
        + #"{"type": "dense", "units": 4}]}"#
    }
    try workspace.write(net(5), to: "net.json")
    let model = ["--model", workspace.path("net.json")]
    let dropout = ["--dropout", "0.5"]
    let whole = ToolRun(workspace.training(["--checkpoint", checkpoint] + model + dropout))
    #expect(whole.exitCode == .success, "\(whole.errors)")
    #expect(
      try ToolRun(["train", "--resume", checkpoint] + model).fingerprint == whole.fingerprint)
    try workspace.write(net(6), to: "net.json")
    expectRefusal(
      ToolRun(["train", "--resume", checkpoint] + model), .usage,
      saying: ["--model: expected the network of \(checkpoint), found '\(model[1])'"])
    #expect(try ToolRun("train", "--resume", checkpoint).fingerprint == whole.fingerprint)
  }

  /// A network in a file is kept, whatever becomes of the file.
  @Test func theNetworkIsTheCheckpoints() throws {
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4}]}"#, to: "net.json")
    let options = ["--model", workspace.path("net.json"), "--checkpoint", checkpoint]
    let whole = ToolRun(workspace.training(options))
    try workspace.remove("net.json")
    #expect(try ToolRun("train", "--resume", checkpoint).fingerprint == whole.fingerprint)
  }
}
