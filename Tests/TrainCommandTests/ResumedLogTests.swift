import ConvoyCommandsTestSupport
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Synchronization
import Testing

/// The log of a run that is resumed: it goes on where it is the run's own, and takes nobody else's place.
@Suite struct ResumedLogTests {
  private let workspace: Workspace
  private struct BrokenOff: Error {}

  init() throws { workspace = try Workspace() }

  private var checkpoint: String { workspace.path("run.ckpt") }

  /// Twelve steps in three epochs.
  private func run(_ name: String, _ arguments: [String]) -> [String] {
    workspace.training(
      "--output", workspace.path(name), "--log", workspace.path("\(name).log"), "--log-steps")
      + arguments
  }

  /// Whatever lies where the log was is neither cut nor written to.
  @Test func onlyTheRunsOwnLogGoesOn() throws {
    try #require(
      ToolRun(run("model", ["--checkpoint", checkpoint, "--checkpoint-every", "3"])).exitCode
        == .success)
    let log = workspace.path("model.log")
    let own = try workspace.bytes("model.log")
    var changed = own
    changed[own.count / 2] ^= 1
    for (bytes, words) in [
      (changed, "expected the log of the run, checksum "), (Array("notes\n".utf8), "found 6; "),
      (Array(repeating: 7, count: 2 * own.count), " bytes, found "),
    ] {
      try workspace.write(bytes, to: "model.log")
      let before = try workspace.contents()
      expectRefusal(ToolRun("train", "--resume", checkpoint), saying: ["Error: \(log): ", words])
      #expect(try workspace.contents() == before)
    }
    // What was logged after the checkpoint is the run's own.
    try workspace.write(own + Array("{\"step\":13".utf8), to: "model.log")
    let again = ToolRun("train", "--resume", checkpoint)
    #expect(again.exitCode == .success, "\(again.errors)")
    #expect(!again.output.contains("is gone"))
    #expect(try workspace.bytes("model.log") == own)
  }

  /// A log elsewhere is the run's own, moved, or begins anew; never in the place of something else.
  @Test(arguments: [true, false]) func aLogElsewhere(isLogged: Bool) throws {
    let log = workspace.path("first.log")
    let options =
      ["--checkpoint", checkpoint, "--checkpoint-every", "100"] + (isLogged ? ["--log", log] : [])
    let broken = ToolRun(workspace.training() + options) {
      if EpochRow.number(of: $0) == 2 { throw BrokenOff() }
    }
    #expect(broken.exitCode == .failure)
    let before = try workspace.bytes("run.ckpt")
    try workspace.write("precious", to: "other")
    let other = workspace.path("other")
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--log", other),
      saying: ["\(other): expected the log of the run"])
    #expect(try workspace.text("other") == "precious")
    #expect(try workspace.bytes("run.ckpt") == before)

    for name in ["moved", "new"] {
      let isMoved = isLogged && name == "moved"
      if isMoved { try workspace.write(workspace.bytes("first.log"), to: name) }
      try workspace.write(before, to: "run.ckpt")
      // Stopped once more after its epoch is logged, before it is saved. From before its first step on,
      // the checkpoint refers to the log.
      let path = workspace.path(name)
      let second = ToolRun(["train", "--resume", checkpoint, "--log", path]) { [checkpoint] text in
        guard EpochRow.number(of: text) == 3 else { return }
        #expect(try Checkpoint(contentsOf: checkpoint).state.settings.log == path)
        throw BrokenOff()
      }
      #expect(second.exitCode == .failure && !second.output.contains("is gone"))
      let third = ToolRun("train", "--resume", checkpoint, "--log", workspace.path(name))
      #expect(third.exitCode == .success, "\(third.errors)")
      let epochs = try LogLine.epochs(workspace.path(name))
      #expect(epochs == (isMoved ? [1, 2, 3] : [3]))
    }
  }

  /// A device has no contents to be missed.
  @Test func aLogThatGoesToADeviceIsNotLost() throws {
    let broken = ToolRun(
      workspace.training("--log", "/dev/null", "--checkpoint", checkpoint)
    ) { if EpochRow.number(of: $0) == 2 { throw BrokenOff() } }
    #expect(broken.exitCode == .failure)
    let again = ToolRun("train", "--resume", checkpoint)
    #expect(again.exitCode == .success, "\(again.errors)")
    #expect(!again.output.contains("is gone"), "\(again.output)")
  }

  /// A run that logged nothing before its checkpoint goes over what it logged after it, and over nothing
  /// else.
  @Test func aLogThatWasEmptyIsStillTheRunsOwn() throws {
    let log = workspace.path("model.log")
    let broken = ToolRun(run("model", ["--checkpoint", checkpoint, "--checkpoint-every", "100"])) {
      if EpochRow.number(of: $0) == 1 { throw BrokenOff() }
    }
    #expect(broken.exitCode == .failure)
    // The log is gone; a new one is not in any checkpoint until the next is due.
    try workspace.remove("model.log")
    let saved = Mutex<[UInt8]>([])
    let second = ToolRun(["train", "--resume", checkpoint]) { [workspace] text in
      guard EpochRow.number(of: text) == 2 else { return }
      let bytes = try workspace.bytes("run.ckpt")
      saved.withLock { $0 = bytes }
      throw BrokenOff()
    }
    #expect(second.exitCode == .failure)
    let own = try workspace.bytes("model.log")
    for (bytes, isOwn) in [(Array("precious".utf8), false), (own, true)] {
      try workspace.write(saved.withLock(\.self), to: "run.ckpt")
      try #require(Checkpoint(contentsOf: checkpoint).state.log?.length == 0)
      try workspace.write(bytes, to: "model.log")
      let again = ToolRun("train", "--resume", checkpoint)
      #expect((again.exitCode == .success) == isOwn, "\(again.errors)")
      if !isOwn {
        expectRefusal(again, saying: ["\(log): expected the log of the run, which is empty so far"])
        #expect(try workspace.bytes("model.log") == bytes)
      }
    }
    #expect(try LogLine.fields(log).filter { $0 == ["run"] }.count == 1)
    #expect(try LogLine.epochs(log) == [2, 3])
  }

  /// It begins anew, also for a run that is killed soon after and resumed once more; or that ended
  /// before it logged anything.
  @Test func aLogThatIsGoneBeginsAnew() throws {
    let saving = ["--checkpoint", checkpoint, "--checkpoint-every", "100"]
    let broken = ToolRun(run("model", saving)) {
      if EpochRow.number(of: $0) == 2 { throw BrokenOff() }
    }
    #expect(broken.exitCode == .failure)
    let log = workspace.path("model.log")
    try workspace.remove("model.log")
    let first = ToolRun(["train", "--resume", checkpoint]) { _ in throw BrokenOff() }
    #expect(first.exitCode == .failure)
    #expect(try workspace.bytes("model.log") == [])
    let saved = Mutex<[UInt8]>([])
    let second = ToolRun(["train", "--resume", checkpoint]) { [workspace] text in
      guard EpochRow.number(of: text) == 3 else { return }
      let bytes = try workspace.bytes("run.ckpt")
      saved.withLock { $0 = bytes }
      throw BrokenOff()
    }
    #expect(second.output.contains("\n\(log) is missing; starting a new log\n"))
    try workspace.write(saved.withLock(\.self), to: "run.ckpt")
    let third = ToolRun("train", "--resume", checkpoint)
    #expect(third.exitCode == .success, "\(third.errors)")
    #expect(try LogLine.epochs(log) == [3])
  }
}
