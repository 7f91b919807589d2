import ConvoyTerminal
import Foundation
import Synchronization
import Testing

@Suite struct ProgressTests {
  @Test func aTerminalSeesABarThatIsTakenAway() throws {
    let workspace = try Workspace()
    let run = ToolRun(workspace.training("--epochs", "2"), errorIsTerminal: true)
    #expect(run.exitCode == .success)
    #expect(run.errors.hasPrefix("\r1/2 "))
    #expect(run.errors.contains("\r2/2 "))
    #expect(run.errors.contains("%"))
    #expect(run.errors.hasSuffix("\r\u{1B}[K"))
    #expect(!run.errors.contains("\n"))
    #expect(run.lines.count == 6)
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

  /// A line that is as wide as the terminal or wider wraps, and cannot be written over.
  @Test(arguments: [
    (80, "epoch 3 ███████░░░░░░░░░░░░░░░░░░░░░░░ 25%, 30 s left"),
    (50, "epoch 3 ██████░░░░░░░░░░░░░░░░░░ 25%, 30 s left"),
    (40, "epoch 3 ███░░░░░░░░░░░ 25%, 30 s left"),
    (30, "epoch 3 █░░░ 25%, 30 s left"),
    (29, "epoch 3 ███░░░░░░░░░░░░ 25%"),
    (20, "epoch 3 █░░░░░ 25%"), (18, "epoch 3 █░░░ 25%"), (17, "██░░░░░░░░░ 25%"), (10, "█░░░ 25%"),
    (9, "25%"), (3, "25"), (1, ""),
  ])
  func fitsTheTerminal(columns: Int, line: String) {
    #expect(
      ProgressBar.line(label: "epoch 3", done: 50, total: 200, elapsed: 10, columns: columns)
        == line)
  }

  @Test(arguments: 1...120)
  func neverReachesTheLastColumn(columns: Int) {
    for (label, elapsed) in [("epoch 1", 3.0), ("mini-batches, seed 12", 1e6)] {
      for done in [0, 1, 9, 100, 200] {
        let line = ProgressBar.line(
          label: label, done: done, total: 200, elapsed: elapsed, columns: columns)
        #expect(line.count < columns)
      }
    }
  }

  /// Each time it is drawn, the bar asks how wide the terminal is.
  @Test func followsTheTerminal() throws {
    let columns = Mutex(80)
    let widths = Mutex<[Int]>([])
    let console = Console(
      output: { _ in },
      error: { text in
        let line = text.dropFirst().prefix { $0 != "\u{1B}" }
        if !line.isEmpty { widths.withLock { $0.append(line.count) } }
        columns.withLock { $0 = 20 }
      }, errorIsTerminal: true, errorColumns: { columns.withLock(\.self) })
    let bar = ProgressBar(console, label: "epoch 1", total: 10) { 5 }
    for _ in 0..<500 where widths.withLock(\.count) < 2 { usleep(10_000) }
    bar.finish()
    let drawn = widths.withLock(\.self)
    #expect(drawn.count >= 2)
    #expect(drawn[0] > 40 && drawn[1...].allSatisfy { $0 < 20 })
  }
}
