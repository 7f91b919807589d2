import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

/// Checkpoints that are none, were edited, or belong to other data are refused in one line.
@Suite struct CheckpointRefusalTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private var checkpoint: String { workspace.path("run.ckpt") }

  @Test func otherDataIsRefused() throws {
    try #require(
      ToolRun(workspace.run("model", ["--checkpoint", checkpoint])).exitCode == .success)
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
    try #require(
      ToolRun(workspace.run("model", ["--checkpoint", checkpoint])).exitCode == .success)
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
    ("\"augmentation\":\"none\"", "\"augmentation\":\"flop\"", "a checkpoint that convoy train"),
    ("\"name\":\"adam\"", "\"name\":\"madam\"", "a checkpoint that convoy train wrote"),
    ("\"seed\":0", "\"seed\":-1", "a checkpoint that convoy train wrote"),
  ])
  func anOptionThatIsDamagedIsTheCheckpoints(old: String, new: String, words: String) throws {
    try #require(
      ToolRun(workspace.run("model", ["--checkpoint", checkpoint])).exitCode == .success)
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
          workspace.run(
            "model", ["--steps", "7", "--checkpoint", checkpoint, "--checkpoint-every", every])
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
