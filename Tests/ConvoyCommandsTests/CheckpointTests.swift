import ConvoyTerminal
import ConvoyTraining
import Foundation
import Synchronization
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

  /// Breaks the run off as it prints an epoch, as a kill would: what it saves on its way out is taken
  /// back.
  @Test(
    arguments: ["epoch", "1", "3", "5", "100"],
    [
      [], ["--validation", "0.2", "--keep", "best", "--early-stopping", "3"],
      [
        "--drop-last", "--label-smoothing", "0.1", "--class-weights", "balanced",
        "--bias-rate-factor", "4",
      ],
    ])
  func whatWasBrokenOffGoesOn(every: String, options: [String]) throws {
    let whole = ToolRun(run("whole", options))
    #expect(whole.exitCode == .success, "\(whole.errors)")

    let saving = options + ["--checkpoint", checkpoint, "--checkpoint-every", every]
    for epoch in 2...3 {
      let isFirst = !workspace.exists("run.ckpt")
      let saved = Mutex<[UInt8]?>(nil)
      let run = ToolRun(
        isFirst ? run("broken", saving) : ["train", "--resume", checkpoint, "--threads", "1"]
      ) { [workspace] text in
        guard text.hasPrefix("epoch \(epoch)") else { return }
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
        ? ["train", "--resume", checkpoint, "--threads", "3"] : run("broken", saving, threads: "3"))
    #expect(end.exitCode == .success, "\(end.errors)")
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
    #expect(end.fingerprint == whole.fingerprint)
    let epochs = withoutTimes(end.epochLines)
    #expect(withoutTimes(whole.epochLines).suffix(epochs.count) == epochs[...])
    #expect(end.lines.count > 2)

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
    try #require(ToolRun(run("whole", [])).exitCode == .success)
    let broken = ToolRun(
      run("broken", ["--checkpoint", checkpoint, "--checkpoint-every", every])
    ) { if $0.hasPrefix("epoch \(epoch)") { throw BrokenOff() } }
    #expect(broken.exitCode == .failure)
    let rest = ToolRun("train", "--resume", checkpoint)
    #expect(rest.exitCode == .success, "\(rest.errors)")
    #expect(rest.output.contains("resuming after step \(4 * epoch) "))
    #expect(rest.epochLines.count == 3 - epoch)
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
  }

  @Test func aModelIsWrittenBeforeItIsToldOf() throws {
    let whole = ToolRun(run("whole", ["--validation", "0.2"]))
    #expect(whole.exitCode == .success)
    let broken = ToolRun(run("broken", ["--validation", "0.2"])) {
      if $0.hasPrefix("test accuracy") { throw BrokenOff() }
    }
    #expect(broken.exitCode == .failure)
    #expect(try workspace.bytes("broken") == workspace.bytes("whole"))
    #expect(try log("broken") == log("whole"))
  }

  @Test func optionsOfTheRunAreTakenOnlyAsTheyWere() throws {
    try #require(ToolRun(run("model", ["--checkpoint", checkpoint])).exitCode == .success)
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
      ("--learning-rate", "0.02", "'0.01'"), ("--batch", "17", "'16'"), ("--epochs", "4", "'3'"),
      ("--seed", "1", "'0'"), ("--optimizer", "sgd", "'adam'"), ("--steps", "5", "none"),
      ("--validation", "0.1", "none"),
      ("--dropout", "0.3", "'0.2'"),
      ("--weight-decay", "0.1", "none"), ("--shuffle", "off", "'on'"), ("--clip-norm", "1", "none"),
      ("--schedule", "step", "'cosine'"), ("--initialization", "he", "'xavier'"),
      ("--normalization", "unit", "'standard'"), ("--loss", "hinge", "'cross-entropy'"),
      ("--label-smoothing", "0.1", "'0.0'"), ("--initial-weights", "x", "none"),
      ("--class-weights", "balanced", "none"), ("--bias-rate-factor", "2", "'1.0'"),
      ("--keep", "best", "'last'"),
    ] {
      expectRefusal(
        ToolRun("train", "--resume", checkpoint, option, value), .usage,
        saying: ["\(option): expected \(saved), as in \(checkpoint), found '\(value)'"])
    }
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

  /// The checkpoint has the numbers of a file of class weights, whatever becomes of the file.
  @Test func classWeightsAreKeptAsNumbers() throws {
    let weights = workspace.path("weights.txt")
    try workspace.write("1\n2\n0.5\n3\n", to: "weights.txt")
    let whole = ToolRun(
      run("model", ["--checkpoint", checkpoint, "--class-weights", weights]))
    #expect(whole.exitCode == .success, "\(whole.errors)")
    #expect(
      ToolRun(run("other", ["--class-weights", "1,2,0.5,3"])).fingerprint == whole.fingerprint)
    for same in ["1.0,2,0.50,3e0", weights] {
      let again = ToolRun("train", "--resume", checkpoint, "--class-weights", same)
      #expect(again.fingerprint == whole.fingerprint, "\(again.errors)")
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
    #expect(ToolRun("train", "--resume", checkpoint).fingerprint == whole.fingerprint)
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--class-weights", weights),
      saying: ["\(weights): cannot open: "])
  }

  @Test func pointsOfAScheduleAreKept() throws {
    let points = "0:0.2,0.23:1,1:0.07"
    let options = workspace.training("--schedule", "linear", "--schedule-points")
    let whole = ToolRun(options + [points, "--checkpoint", checkpoint, "--checkpoint-every", "5"])
    #expect(whole.exitCode == .success, "\(whole.errors)")
    #expect(ToolRun(options + ["0:0.2,0.25:1,1:0.07"]).fingerprint != whole.fingerprint)
    for same in [points, "0:0.20,23e-2:1.0,1:0.07"] {
      let again = ToolRun("train", "--resume", checkpoint, "--schedule-points", same)
      #expect(again.fingerprint == whole.fingerprint, "\(again.errors)")
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

  @Test func classWeightsMustFitTheClasses() throws {
    try workspace.write("1\n2\n0.5\n", to: "weights.txt")
    expectRefusal(
      ToolRun(run("model", ["--class-weights", workspace.path("weights.txt")])), .usage,
      saying: [
        "--class-weights: expected 4 numbers, one for each output of the network, found 3"
      ])
    try workspace.write("1\n2\n0.5\nx\n", to: "weights.txt")
    expectRefusal(
      ToolRun(run("model", ["--class-weights", workspace.path("weights.txt")])),
      saying: ["weights.txt: line 4: expected numbers from 1e-30 to 1e+30, ", "found 'x'"])
  }

  /// Two runs that write one file would each spoil what the other has.
  @Test func aFileIsWrittenByOneRunAtATime() throws {
    let options = run("model", ["--checkpoint", checkpoint])
    let log = workspace.path("model.log")
    let second = Mutex<[ToolRun]>([])
    let (training, data) = (workspace.training(), workspace.path("other.ckpt"))
    let first = ToolRun(options) { [checkpoint] text in
      guard text.hasPrefix("epoch 2") else { return }
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
    #expect(try LogLine.read(log).compactMap(\.epoch) == [1, 2, 3])
    let again = ToolRun("train", "--resume", checkpoint)
    #expect(again.exitCode == .success)
    #expect(again.fingerprint == first.fingerprint)
    let names = try workspace.contents().keys
    #expect(!names.contains { $0.contains(".lock") })
  }

  @Test func otherDataIsRefused() throws {
    try #require(ToolRun(run("model", ["--checkpoint", checkpoint])).exitCode == .success)
    var images = ImageFiles.images(50)
    images[images.count - 1] ^= 1
    try workspace.write(images, to: "data/\(ImageFiles.trainingImages)")
    expectRefusal(
      ToolRun("train", "--resume", checkpoint), .usage,
      saying: [
        "--data: ", "/data: expected 50 training and 21 test images of 1×8×8 (checksums ",
        "found 50",
      ])
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
      metadata["checkpoint"] = metadata["checkpoint"]?.replacing(
        "\"batchSize\":", with: "\"bachSize\":")
    }
    expectRefusal(
      ToolRun("train", "--resume", checkpoint),
      saying: ["metadata 'checkpoint': expected a checkpoint that convoy train wrote, found '{"])
  }

  /// An option that is no option of the run's is the checkpoint's fault, whatever the command line has.
  @Test(arguments: [
    ("\"batchSize\":16", "\"batchSize\":-16", "options of convoy train, found --batch: expected"),
    ("\"epochs\":3", "\"epochs\":0", "options of convoy train, found --epochs: expected"),
    ("\"beta1\":0.9", "\"beta1\":1.5", "options of convoy train, found --beta1: expected"),
    ("\"checkpointing\":null", "\"checkpointing\":-3", "options of convoy train, found --check"),
    ("\"keep\":\"last\"", "\"keep\":\"best\"", "options of convoy train, found --keep best"),
    ("\"name\":\"adam\"", "\"name\":\"madam\"", "a checkpoint that convoy train wrote"),
    ("\"seed\":0", "\"seed\":-1", "a checkpoint that convoy train wrote"),
  ])
  func anOptionThatIsDamagedIsTheCheckpoints(old: String, new: String, words: String) throws {
    try #require(ToolRun(run("model", ["--checkpoint", checkpoint])).exitCode == .success)
    try workspace.edit("run.ckpt") { _, metadata in
      let state = metadata["checkpoint"] ?? ""
      #expect(state.contains(old))
      metadata["checkpoint"] = state.replacing(old, with: new)
    }
    for options in [[], ["--threads", "1"]] {
      expectRefusal(
        ToolRun(["train", "--resume", checkpoint] + options),
        saying: [
          "\(checkpoint): metadata 'checkpoint': expected \(words)"
        ])
    }
  }

  /// Whatever number stands in a state whose checksum is right: no trap, and one line if it is refused.
  @Test func anyNumberInACheckpointIsUsedOrRefused() throws {
    for every in ["3", "epoch"] {
      try #require(
        ToolRun(
          run("model", ["--steps", "7", "--checkpoint", checkpoint, "--checkpoint-every", every])
        ).exitCode == .success)
      let sound = try workspace.bytes("run.ckpt")
      var refused = 0
      for place in try numbers(inStateOf: "run.ckpt").indices {
        for number in [
          "0", "1", "-1", "1e-300", "1e300", "0.5", "\(Int.max)", "\(Int.min)", "1e999",
          "1317624576693539402",
        ] {
          try workspace.write(sound, to: "run.ckpt")
          try workspace.edit("run.ckpt") { _, metadata in
            var state = metadata["checkpoint"] ?? ""
            state.replaceSubrange(Self.numbers(in: state)[place], with: number)
            metadata["checkpoint"] = state
          }
          let run = ToolRun("train", "--resume", checkpoint)
          if run.exitCode != .success {
            refused += 1
            expectError(run, run.exitCode, saying: [])
          }
        }
      }
      #expect(refused > 20)
    }
  }

  private func numbers(inStateOf name: String) throws -> [Range<String.Index>] {
    var state = ""
    try workspace.edit(name) { state = $1["checkpoint"] ?? "" }
    return Self.numbers(in: state)
  }

  /// Those that are no text.
  private static func numbers(in state: String) -> [Range<String.Index>] {
    state.matches(of: #/":(-?[0-9][0-9.e+-]*)/#).map { $0.1.startIndex..<$0.1.endIndex }
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
    let whole = ToolRun(workspace.training("--checkpoint", checkpoint) + model + dropout)
    #expect(whole.exitCode == .success, "\(whole.errors)")
    #expect(
      ToolRun(["train", "--resume", checkpoint] + model).fingerprint == whole.fingerprint)
    try workspace.write(net(6), to: "net.json")
    expectRefusal(
      ToolRun(["train", "--resume", checkpoint] + model), .usage,
      saying: ["--model: expected the network of \(checkpoint), found '\(model[1])'"])
    #expect(ToolRun("train", "--resume", checkpoint).fingerprint == whole.fingerprint)
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
