import ConvoyCommandsTestSupport
import ConvoyFileAccess
import ConvoyTerminal
import Foundation
import Testing

/// The files that a run writes: kept from other runs while it lasts, and found again from elsewhere.
@Suite(.serialized) struct RunFileTests {
  private let workspace: Workspace
  private var checkpoint: String { workspace.path("run.ckpt") }

  init() throws { workspace = try Workspace() }

  /// Whoever was killed holds no lock, and what it leaves behind blocks nobody.
  @Test func aKilledRunKeepsNoFile() throws {
    let log = workspace.path("log")
    let process = try ToolProcess(
      workspace.endlessTraining("--checkpoint", checkpoint, "--checkpoint-every", "1", "--log", log)
    )
    try workspace.wait(for: "run.ckpt")
    let second = ToolRun("train", "--resume", checkpoint)
    expectRefusal(second, saying: ["\(checkpoint): cannot lock: Another run is writing this file"])
    // Nor may another run write its files as something else.
    for (option, path) in [("--log", checkpoint), ("--checkpoint", log), ("--output", log)] {
      expectRefusal(
        ToolRun(workspace.training("--epochs", "1", option, path)),
        saying: ["\(path): cannot lock: Another run is writing this file"])
    }
    #expect(!workspace.exists(".log.lock"))
    process.send(SIGKILL)
    _ = process.wait()
    #expect(workspace.exists(".run.ckpt.lock"))
    let next = ToolRun(
      workspace.training("--epochs", "1", "--checkpoint", checkpoint, "--log", log))
    #expect(next.exitCode == .success, "\(next.errors)")
    #expect(!workspace.exists(".run.ckpt.lock"))
  }

  /// The model is written last: until then nobody else may write its file.
  @Test func anOutputIsKeptToItsRun() throws {
    let output = workspace.path("model")
    let process = try ToolProcess(
      workspace.endlessTraining("--output", output, "--log", workspace.path("log")))
    for _ in 0..<3000 where ((try? workspace.text("log")) ?? "").isEmpty { usleep(10_000) }
    for option in ["--output", "--checkpoint", "--log"] {
      expectRefusal(
        ToolRun(workspace.training("--epochs", "1", option, output)),
        saying: ["\(output): cannot lock: Another run is writing this file"])
    }
    process.send(SIGINT)
    #expect(process.wait().exitCode == 130)
    #expect(!workspace.exists(".model.lock"))
    #expect(workspace.trainModel("model").exitCode == .success)
  }

  /// A run begun in one directory with relative paths goes on in another, to the same files.
  @Test func aRunMayBeResumedFromElsewhere() throws {
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4}]}"#, to: "here/net.json")
    workspace.trainModel("here/first", "--model", workspace.path("here/net.json"))
    let begun = try ToolProcess(
      [
        "train", "--data", "../data", "--batch", "16", "--threads", "1", "--model", "net.json",
        "--initial-weights", "first", "--checkpoint", "run.ckpt", "--checkpoint-every", "5",
        "--log", "log", "--output", "model",
      ], limits: "cd '\(workspace.path("here"))'"
    ).wait()
    #expect(begun.exitCode == 0, "\(begun.errors)")
    let files = try ["here/log", "here/model"].map(workspace.bytes)
    try workspace.remove("here/model")
    try workspace.write("", to: "there/nothing")
    let resumed = try ToolProcess(
      ["train", "--resume", "../here/run.ckpt", "--initial-weights", "../here/first"],
      limits: "cd '\(workspace.path("there"))'"
    ).wait()
    #expect(resumed.exitCode == 0, "\(resumed.errors)")
    #expect(try ["here/log", "here/model"].map(workspace.bytes) == files)
    #expect(try workspace.contents().keys.filter { $0.hasPrefix("there/") } == ["there/nothing"])
  }

  /// Swift's own list of arguments has other characters in the place of such bytes.
  @Test func aPathThatIsNotUTF8IsRefused() throws {
    let end = try ToolProcess(
      [],
      limits: #"set -- "$@" train --data '\#(workspace.data)' --output "$(printf 'mod\377l')""#
    ).wait()
    #expect(end.exitCode == 64)
    #expect(end.errors == "Error: Argument 5: expected text in UTF-8, found 'mod\u{FFFD}l'\n")
    #expect(end.output == "")
  }

  /// A checkpoint could not say from the root where the run's files are.
  @Test func aWorkingDirectoryThatIsNotUTF8IsToldOf() throws {
    let enter = #"cd '\#(workspace.path("."))'; d=$(printf 'r\377n'); mkdir -p "$d"; cd "$d""#
    let end = try ToolProcess(
      ["train", "--data", workspace.data, "--checkpoint", "run.ckpt", "--log", "log"], limits: enter
    ).wait()
    #expect(end.exitCode == 1)
    #expect(
      end.errors == """
        Error: log: cannot find it from the root, as a checkpoint keeps it: \
        The name of the working directory is not UTF-8

        """)
    // Where the run keeps no path that begins there, it works.
    for options in [
      ["--data", workspace.data, "--epochs", "1", "--checkpoint", "run.ckpt"],
      ["--resume", "run.ckpt"],
      ["--data", workspace.data, "--epochs", "1", "--output", "model"],
      ["--data", "../data", "--epochs", "1", "--output", "model"],
    ] {
      let end = try ToolProcess(["train", "--threads", "1"] + options, limits: enter).wait()
      #expect(end.exitCode == 0 && end.errors == "", "\(options): \(end.errors)")
    }
  }
}
