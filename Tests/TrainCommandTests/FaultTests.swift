import ConvoyCommandsTestSupport
import ConvoyFileAccess
import ConvoySafetensors
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Testing

/// What the system does to a process: signals, kills and full disks.
@Suite struct FaultTests {
  private let workspace: Workspace
  private var checkpoint: String { workspace.path("run.ckpt") }

  init() throws { workspace = try Workspace() }

  @Test(arguments: [
    (SIGINT, 130 as Int32, "interrupted"), (SIGTERM, 143, "terminated"), (SIGHUP, 129, "hung up"),
    (SIGXCPU, 152, "out of processor time"),
  ])
  func aSignalSavesTheRun(signal: CInt, exitCode: Int32, word: String) throws {
    // The first checkpoint tells that it is training; the next would be far off.
    let process = try ToolProcess(
      workspace.endlessTraining(
        "--checkpoint", checkpoint, "--checkpoint-every", "50", "--log", workspace.path("log")))
    try workspace.wait(for: "run.ckpt")
    // Past the limit on its processor time, a process is sent the signal each second.
    for _ in 0..<(signal == SIGXCPU ? 20 : 1) { process.send(signal) }
    let end = process.wait()
    #expect(end.exitCode == exitCode)
    let message = try #require(
      end.errors.wholeMatch(
        of:
          #/([\w ]+) in epoch (\d+), after step (\d+); saved to (\S+), resume with: convoy train --resume (\S+)\n/#
      ),
      "\(end.errors)")
    #expect(message.1 == word)
    #expect(message.4 == checkpoint && message.5 == checkpoint)

    // It is where it says: a run of as many steps ends with the same weights.
    let steps = String(message.3)
    let whole = ToolRun(
      workspace.training(
        "--epochs", "1000000", "--steps", steps, "--output", workspace.path("whole")))
    #expect(whole.exitCode == .success)
    try workspace.edit("run.ckpt") { tensors, _ in
      tensors.removeAll {
        $0.name.hasPrefix("optimizer.") || ["epoch.losses", "checksum"].contains($0.name)
      }
    }
    let saved = ToolRun(
      workspace.training(
        "--initial-weights", checkpoint, "--steps", "1", "--optimizer", "sgd", "--learning-rate",
        "1e-45", "--output", workspace.path("saved")))
    #expect(saved.exitCode == .success, "\(saved.errors)")
    #expect(try saved.fingerprint == whole.fingerprint)
  }

  /// A hard limit kills, so the run ends before it.
  @Test(arguments: ["ulimit -S -t 1", "ulimit -t 3"])
  func aLimitOnProcessorTimeSavesTheRun(limit: String) throws {
    let end = try ToolProcess(
      workspace.endlessTraining("--checkpoint", checkpoint, "--checkpoint-every", "1000000"),
      limits: limit
    ).wait()
    #expect(end.exitCode == 152)
    #expect(end.errors.hasPrefix("out of processor time in epoch "), "\(end.errors)")
    #expect(try Checkpoint(contentsOf: checkpoint).state.stepNumber > 0)
  }

  /// A reader that stalls until the pipe is full keeps no signal from saving the run.
  @Test func aStalledReaderDoesNotKeepASignal() throws {
    let process = try ToolProcess(
      workspace.endlessTraining(
        "--checkpoint", checkpoint, "--checkpoint-every", "1000000", "--log",
        workspace.path("log")))
    var (size, same) = (-1, 0)
    for _ in 0..<600 where same < 5 {
      usleep(100_000)
      let now = ((try? workspace.bytes("log")) ?? []).count
      same = now == size && now > 0 ? same + 1 : 0
      size = now
    }
    #expect(!workspace.exists("run.ckpt"))
    process.send(SIGTERM)
    for _ in 0..<100 where process.isRunning { usleep(100_000) }
    #expect(!process.isRunning)
    let end = process.wait()
    #expect(end.exitCode == 143)
    #expect(end.errors.contains("saved to \(checkpoint)"), "\(end.errors)")
    let again = ToolRun(["train", "--resume", checkpoint]) {
      if EpochRow.number(of: $0) != nil {
        throw FileError(path: "", operation: .write, reason: "enough")
      }
    }
    #expect(again.output.contains("resuming after step "))
  }

  /// A model of before is worth more than one of the first epoch.
  @Test func withoutACheckpointASignalSaysSo() throws {
    try workspace.write("old model", to: "model")
    let process = try ToolProcess(
      workspace.endlessTraining("--log", workspace.path("log"), "--output", workspace.path("model"))
    )
    for _ in 0..<3000 where ((try? workspace.text("log")) ?? "").isEmpty { usleep(10_000) }
    process.send(SIGINT)
    let end = process.wait()
    #expect(end.exitCode == 130)
    let isFirst = end.errors.contains(" in epoch 1, ")
    #expect(
      end.errors.contains(
        isFirst ? "nothing was saved, as --checkpoint was not given" : "; model written to "))
    #expect((try? workspace.text("model")) == "old model" || !isFirst)
  }

  /// A size that no checkpoint of the network has: the disk is full as the file is written.
  @Test func aFullDiskLeavesTheOldCheckpoint() throws {
    let first = ToolRun(
      workspace.training("--epochs", "2", "--checkpoint", checkpoint, "--checkpoint-every", "3"))
    #expect(first.exitCode == .success)
    let before = try workspace.contents()
    // Blocks of 512 bytes; the signal that comes with the limit is ignored, so that writing fails.
    let limits = "ulimit -f 30; trap '' XFSZ"
    let end = try ToolProcess(
      workspace.training("--checkpoint", checkpoint, "--checkpoint-every", "3"), limits: limits
    ).wait()
    #expect(end.exitCode == 1)
    #expect(end.errors == "Error: \(checkpoint): cannot write: File too large\n")
    #expect(try workspace.contents() == before)
    let output = try ToolProcess(
      workspace.training("--epochs", "1", "--output", workspace.path("model")), limits: limits
    ).wait()
    #expect(output.exitCode == 1)
    #expect(output.errors == "Error: \(workspace.path("model")): cannot write: File too large\n")
    #expect(try workspace.contents() == before)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskEndsTheLog() throws {
    let run = ToolRun(
      workspace.training(
        "--log", "/dev/full", "--checkpoint", checkpoint, "--checkpoint-every", "1"))
    expectError(run, saying: ["/dev/full: cannot write: No space left on device"])
    // What was saved before goes on with another log.
    let again = ToolRun("train", "--resume", checkpoint, "--log", workspace.path("log"))
    #expect(again.exitCode == .success, "\(again.errors)")
    #expect(try again.fingerprint == ToolRun(workspace.training()).fingerprint)
  }

  /// What was trained when the log failed is saved, and logged where there is room.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")), arguments: [1, 2])
  func aFullDiskUnderTheLogLosesNoEpoch(epochs: Int) throws {
    let run = ToolRun(
      workspace.training(
        "--epochs", "\(epochs)", "--log", "/dev/full", "--log-steps", "--checkpoint", checkpoint,
        "--output", workspace.path("model")))
    expectError(run, saying: ["/dev/full: cannot write: No space left on device"])
    // The last epoch's model needs no log.
    #expect(workspace.exists("model") == (epochs == 1))
    let again = ToolRun("train", "--resume", checkpoint, "--log", workspace.path("log"))
    #expect(again.exitCode == .success, "\(again.errors)")
    #expect(again.output.contains("resuming after step 4 "))
    let whole = ToolRun(
      workspace.training(
        "--epochs", "\(epochs)", "--log", workspace.path("whole.log"), "--log-steps", "--output",
        workspace.path("whole")))
    #expect(try workspace.bytes("model") == workspace.bytes("whole"))
    let logs = try ["log", "whole.log"].map { try LogLine.read(workspace.path($0)) }
    #expect(logs[0].count == logs[1].count)
    #expect(try LogLine.epochs(workspace.path("log")) == Array(1...epochs))
    #expect(try again.fingerprint == whole.fingerprint)
  }

  /// Without a checkpoint, the model of the epochs that are done is what can be saved.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskUnderTheLogLeavesTheModelSoFar() throws {
    let (model, first) = (workspace.path("model"), workspace.path("first"))
    try workspace.write("an older one", to: "model")
    let run = ToolRun(workspace.training("--log", "/dev/full", "--output", model))
    expectError(
      run,
      saying: [
        "/dev/full: cannot write: No space left on device; the model so far is written to "
      ])
    #expect(ToolRun(workspace.training("--epochs", "1", "--output", first)).exitCode == .success)
    #expect(try workspace.bytes("model") == workspace.bytes("first"))
  }

  /// The folder of the model vanishes while the run lasts.
  @Test func aModelThatCannotBeWrittenIsKeptElsewhere() throws {
    let options = ["--epochs", "2"]
    try workspace.write("", to: "folder/.keep")
    let folder = URL(filePath: workspace.path("folder"))
    let run = ToolRun(
      workspace.training(options + ["--output", workspace.path("folder/rose.model")])
    ) { text in
      if EpochRow.number(of: text) == 2 { try FileManager.default.removeItem(at: folder) }
    }
    #expect(run.exitCode == .failure)
    let end = try #require(
      run.errors.wholeMatch(
        of:
          #/Error: .*rose.model: cannot write: .*; the model is written to (.*/rose-[^/]*\.model)\n/#
      ), "\(run.errors)")
    let kept = URL(filePath: String(end.1))
    defer { try? FileManager.default.removeItem(at: kept) }
    #expect(
      ToolRun(workspace.training(options + ["--output", workspace.path("whole")])).exitCode
        == .success)
    #expect(try Array(Data(contentsOf: kept)) == workspace.bytes("whole"))
  }

  /// Also of a run that is interrupted.
  @Test func aModelSoFarThatCannotBeWrittenIsKeptElsewhere() throws {
    let log = workspace.path("log")
    try workspace.write("", to: "folder/.keep")
    let process = try ToolProcess(
      workspace.endlessTraining("--output", workspace.path("folder/rose.model"), "--log", log))
    for _ in 0..<3000 where ((try? workspace.text("log")) ?? "").isEmpty { usleep(10_000) }
    try FileManager.default.removeItem(atPath: workspace.path("folder"))
    process.send(SIGINT)
    let end = process.wait()
    #expect(end.exitCode == 1)
    let message = try #require(
      end.errors.firstMatch(
        of:
          #/rose.model: cannot write: .*; the model so far is written to (.*/rose-[^/]*\.model)\n/#
      ), "\(end.errors)")
    #expect(FileManager.default.fileExists(atPath: String(message.1)))
    try FileManager.default.removeItem(atPath: String(message.1))
  }

  /// A checkpoint that was never written saves nothing.
  @Test func aCheckpointThatFailsLeavesTheModelSoFar() throws {
    let model = workspace.path("model")
    let end = try ToolProcess(
      workspace.training("--checkpoint", checkpoint, "--output", model, "--optimizer", "adam"),
      limits: "ulimit -f 80; trap '' XFSZ"
    ).wait()
    #expect(end.exitCode == 1)
    #expect(
      end.errors
        == "Error: \(checkpoint): cannot write: File too large; the model so far is written to \(model)\n"
    )
    #expect(workspace.evaluate("model").exitCode == .success)
    #expect(!workspace.exists("run.ckpt"))
  }

  /// A reader of a pipe would take a closing for the end.
  @Test func aPipeIsALog() throws {
    #expect(mkfifo(workspace.path("pipe"), 0o600) == 0)
    let end = try ToolProcess(
      workspace.training("--epochs", "2", "--log", workspace.path("pipe")),
      limits: "cat '\(workspace.path("pipe"))' > '\(workspace.path("log"))' & sleep 0.2"
    ).wait()
    #expect(end.exitCode == 0, "\(end.errors)")
    #expect(try LogLine.epochs(workspace.path("log")) == [1, 2])
  }

  #if os(Linux)
    /// The log of the test at the end waits for room in its pipe: a signal comes just then.
    @Test func aSignalAfterTheLastEpochCostsNoModel() throws {
      let path = workspace.path("pipe")
      let options = ["--epochs", "1", "--validation", "0.2", "--output", workspace.path("model")]
      try #require(
        ToolRun(workspace.training(options + ["--log", workspace.path("file")])).exitCode
          == .success)
      let lines = try workspace.text("file").split(separator: "\n")
      try #require(lines.count == 3 && lines[2].utf8.count > 60)
      try workspace.remove("model")
      #expect(mkfifo(path, 0o600) == 0)
      let reading = open(path, O_RDONLY | O_NONBLOCK)
      let writing = open(path, O_WRONLY | O_NONBLOCK)
      defer { close(reading) }
      // F_SETPIPE_SZ
      let size = Int(fcntl(writing, 1031, 4096))
      // Room for the run's and the epoch's line, whose times vary by some digits, not for another.
      let room = lines[0].utf8.count + lines[1].utf8.count + 32
      #expect(
        write(writing, String(repeating: " ", count: size - room), size - room) == size - room)
      close(writing)
      let process = try ToolProcess(workspace.training(options + ["--log", path]))
      try process.readOutput(until: "1/")
      usleep(200_000)
      #expect(!workspace.exists("model"))
      process.send(SIGTERM)
      usleep(100_000)
      var buffer = [UInt8](repeating: 0, count: 2 * size)
      #expect(read(reading, &buffer, buffer.count) > size - room)
      let end = process.wait()
      #expect(end.exitCode == 0, "\(end.errors)")
      #expect(workspace.exists("model"))
    }
  #endif

  /// The reader of the results goes away after a line, as `head -1` does.
  @Test(arguments: ["epoch", "1000000"])
  func aReaderThatGoesAwayLosesNoEpoch(cadence: String) throws {
    let process = try ToolProcess(
      workspace.endlessTraining("--checkpoint", checkpoint, "--checkpoint-every", cadence))
    try process.closeOutput(after: "1/")
    let end = process.wait()
    #expect(end.exitCode == 141)
    // Whole epochs, the one that could not be printed among them.
    let steps = try Checkpoint(contentsOf: checkpoint).state.stepNumber
    #expect(steps >= 8 && steps.isMultiple(of: 4))
    #expect(
      end.errors
        == "standard output was closed in epoch \(steps / 4 + 1), after step \(steps); saved to "
        + "\(checkpoint), resume with: convoy train --resume \(checkpoint)\n")
  }

  /// As a program that SIGPIPE ends, unless a file that was asked for does not come.
  @Test func aReaderThatGoesAwayIsNoError() throws {
    let run = try ToolProcess(workspace.endlessTraining())
    try run.closeOutput(after: "1/")
    let end = run.wait()
    #expect(end.exitCode == 141 && end.errors == "")

    let help = ToolRun(["train", "--help"]) { _ in throw ClosedOutput() }
    #expect(help.exitCode == .closedPipe && help.errors == "")

    let model = workspace.path("model")
    let lost = ToolRun(workspace.training("--epochs", "2", "--output", model)) { text in
      if EpochRow.number(of: text) == 1 { throw ClosedOutput() }
    }
    #expect(lost.exitCode == .closedPipe)
    #expect(
      lost.errors
        == "standard output was closed in epoch 2, after step 4; model written to \(model); to resume "
        + "a run, give --checkpoint\n")
    #expect(
      ToolRun("evaluate", "--weights", model, "--data", workspace.data).exitCode == .success)

    let last = ToolRun(workspace.training("--epochs", "2", "--output", model)) { text in
      if EpochRow.number(of: text) == 2 || text.hasPrefix("model") { throw ClosedOutput() }
    }
    #expect(last.exitCode == .closedPipe && last.errors == "" && workspace.exists("model"))
  }

  @Test func aModelIsWrittenThoughItsLastEpochCannotBePrinted() throws {
    let full = FileError(path: "standard output", operation: .write, reason: "full")
    let model = workspace.path("model")
    let run = ToolRun(workspace.training("--epochs", "1", "--output", model)) { text in
      if EpochRow.number(of: text) == 1 { throw full }
    }
    #expect(run.exitCode == .failure && run.errors == "Error: \(full)\n")
    #expect(
      ToolRun("evaluate", "--weights", model, "--data", workspace.data).exitCode == .success)
  }

  /// A pipe that takes no more is waited for, also where another process made it say so at once.
  @Test func aPipeThatDoesNotBlockLosesNothing() throws {
    let ends = Pipe()
    let writing = ends.fileHandleForWriting.fileDescriptor
    #expect(fcntl(writing, F_SETFL, fcntl(writing, F_GETFL) | O_NONBLOCK) == 0)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    // More lines than a pipe holds.
    process.arguments = [
      "-c", "for i in $(seq 16); do \"$0\" train --help || exit; done", ToolProcess.tool,
    ]
    process.standardOutput = ends
    process.standardError = FileHandle.nullDevice
    try process.run()
    usleep(300_000)
    try ends.fileHandleForWriting.close()
    let text = try #require(try ends.fileHandleForReading.readToEnd())
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let help = ToolRun("train", "--help").output
    #expect(text.count == 16 * help.utf8.count)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func resultsThatDoNotFitAreReportedInTheSystemsWords() throws {
    let end = try ToolProcess(["summary"], limits: "exec > /dev/full").wait()
    #expect(end.exitCode == 1)
    #expect(end.errors == "Error: standard output: cannot write: No space left on device\n")
  }

  private static let compiler = "/usr/bin/cc"

  /// Kills and losses of power at the calls that write files.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: compiler) && isLinux))
  func whateverCallItEndsAtItGoesOn() throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Faults/kill.sh").path
    let end = try ToolProcess([], limits: "exec bash '\(script)' \"$1\" 25 '\(workspace.data)'")
      .wait()
    #expect(end.exitCode == 0, "\(end.output)\(end.errors)")
    #expect(end.output.contains("the same model and log, byte for byte"))
  }

  private static var isLinux: Bool {
    #if os(Linux)
      true
    #else
      false
    #endif
  }

  /// A few kills wherever they fall; Tests/Faults/kill.sh has hundreds, at every call.
  @Test func killedAndResumedItEndsTheSame() throws {
    let options = ["--epochs", "30", "--dropout", "0.3"]
    let whole = ToolRun(workspace.training("--output", workspace.path("whole")) + options)
    #expect(whole.exitCode == .success)
    var start =
      workspace.training(
        "--output", workspace.path("killed"), "--checkpoint", checkpoint, "--checkpoint-every", "1")
      + options
    for kill in 1...5 {
      let process = try ToolProcess(start)
      try workspace.wait(for: "run.ckpt")
      usleep(UInt32(kill * 7_000))
      process.send(SIGKILL)
      _ = process.wait()
      start = ["train", "--resume", checkpoint, "--threads", "\(kill)"]
    }
    let end = ToolRun(start)
    #expect(end.exitCode == .success, "\(end.errors)")
    #expect(try workspace.bytes("killed") == workspace.bytes("whole"))
  }
}
