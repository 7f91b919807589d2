import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

/// A run's result depends on its options and data alone.
@Suite struct ReproducibilityTests {
  private let workspace: Workspace

  /// Images that keep a thread busy for longer than another takes to start.
  init() throws { workspace = try Workspace(data: ImageFiles.mnist(size: 28)) }

  /// Fifty images in batches of 16 end in a batch of two.
  private func train(_ name: String, threads: Int) throws -> [UInt8] {
    let run = ToolRun(
      "train", "--data", workspace.data, "--batch", "16", "--epochs", "2", "--dropout", "0.3",
      "--model", "fast",
      "--threads", "\(threads)", "--output", workspace.path(name))
    #expect(run.exitCode == .success)
    return try workspace.bytes(name)
  }

  @Test func equalRunsWriteEqualBytes() throws {
    #expect(try train("first", threads: 2) == train("second", threads: 2))
  }

  @Test(arguments: [2, 3, 8])
  func anyNumberOfThreadsWritesEqualBytes(threads: Int) throws {
    #expect(try train("many", threads: threads) == train("one", threads: 1))
  }
}
