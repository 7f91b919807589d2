import Testing

@testable import ConvoyCommands

@Suite struct ProgressTests {
  @Test func aTerminalSeesABarThatIsTakenAway() throws {
    let workspace = try Workspace()
    let run = ToolRun(workspace.training("--epochs", "2"), errorIsTerminal: true)
    #expect(run.exitCode == .success)
    #expect(run.errors.hasPrefix("\repoch 1 "))
    #expect(run.errors.contains("\repoch 2 "))
    #expect(run.errors.contains("%"))
    #expect(run.errors.hasSuffix("\r\u{1B}[K"))
    #expect(!run.errors.contains("\n"))
    #expect(run.lines.count == 4)
    #expect(!run.output.contains("\r"))
  }

  @Test(arguments: [
    (0, 0.0, "epoch 3 ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0%"),
    (50, 10.0, "epoch 3 ███████░░░░░░░░░░░░░░░░░░░░░░░ 25%, 30 s left"),
    (100, 2.5, "epoch 3 ███████████████░░░░░░░░░░░░░░░ 50%, 3 s left"),
    (-1, 0.0, "epoch 3 ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0%"),
    (940, 4.0, "epoch 3 ██████████████████████████████ 100%, 0 s left"),
    (200, 4.0, "epoch 3 ██████████████████████████████ 100%, 0 s left"),
  ])
  func saysHowMuchTimeIsLeft(done: Int, elapsed: Double, line: String) {
    #expect(ProgressBar.line(label: "epoch 3", done: done, total: 200, elapsed: elapsed) == line)
  }
}
