import ConvoyCommandsTestSupport
import ConvoyTerminal
import Foundation
import Synchronization
import Testing

@testable import ConvoyCommands

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

  /// The bar is drawn from another thread while a run that diverges still looks for the fault.
  @Test func lossesThatAreNotNumbersHaveNoCurve() {
    #expect(Sparkline.text([3, 1, 2], columns: 3) == "█▁▅")
    for wrong in [Float.nan, .infinity, -.infinity] {
      #expect(Sparkline.text([2, wrong, 1], columns: 3) == "")
      #expect(Sparkline.text([wrong, 2, 1], columns: 2) == "")
    }
  }

  /// A line that is as wide as the terminal or wider wraps, and cannot be written over.
  @Test(arguments: [
    (80, "epoch 3 ███████░░░░░░░░░░░░░░░░░░░░░░░ 25%, 30 s left"),
    (50, "epoch 3 █████░░░░░░░░░░░░░░░░░░ 25%, 30 s left"),
    (40, "epoch 3 ███░░░░░░░░░░ 25%, 30 s left"),
    (31, "epoch 3 █░░░ 25%, 30 s left"),
    (30, "epoch 3 ████░░░░░░░░░░░░ 25%"),
    (29, "epoch 3 ███░░░░░░░░░░░░ 25%"),
    (20, "epoch 3 █░░░░░ 25%"), (18, "epoch 3 █░░░ 25%"), (17, "██░░░░░░░░░ 25%"), (10, "█░░░ 25%"),
    (9, "25%"), (3, "25"), (1, ""),
  ])
  func fitsTheTerminal(columns: Int, line: String) {
    #expect(
      ProgressBar.line(label: "epoch 3", done: 50, total: 200, elapsed: 10, columns: columns)
        == line)
  }

  @Test(arguments: 1...160)
  func neverReachesTheLastColumn(columns: Int) {
    for (label, elapsed) in [("epoch 1", 3.0), ("mini-batches, seed 12", 1e6)] {
      for done in [0, 1, 9, 100, 200] {
        for details in [[], Self.details] {
          let line = ProgressBar.line(
            label: label, done: done, total: 200, later: 400, details: details, elapsed: elapsed,
            columns: columns)
          #expect(line.count < columns)
        }
      }
    }
  }

  private static let details = TrainReport.details(
    (0..<50).map { 2 - Float($0) / 50 }, accuracy: 0.9351, samplesPerSecond: 75_025)

  /// The wider the terminal, the more it shows.
  @Test(arguments: [
    (
      160,
      "2/3 ███████░░░░░░░░░░░░░░░░░░░░░░░ 25%  loss 1.5100  93.51%  75,025 samples/s  "
        + "███▇▇▇▇▆▆▆▆▆▅▅▅▅▄▄▄▄▄▃▃▃▃▂▂▂▂▂▁▁, 30 s left, 2 min in all"
    ),
    (
      110,
      "2/3 █████░░░░░░░░░░░░░░░░░░ 25%  loss 1.5100  93.51%  75,025 samples/s  "
        + "█▇▆▅▄▃▂▁, 30 s left, 2 min in all"
    ),
    (
      94,
      "2/3 ████░░░░░░░░░░░░░ 25%  loss 1.5100  93.51%  75,025 samples/s, 30 s left, 2 min in all"
    ),
    (80, "2/3 █████░░░░░░░░░░░░░░░░ 25%  loss 1.5100  93.51%, 30 s left, 2 min in all"),
    (62, "2/3 ██░░░░░░░░░ 25%  loss 1.5100, 30 s left, 2 min in all"),
    (50, "2/3 ███░░░░░░░░░ 25%, 30 s left, 2 min in all"),
    (30, "2/3 █████░░░░░░░░░░░░░░░ 25%"),
  ])
  func showsWhatThereIsRoomFor(columns: Int, line: String) {
    #expect(
      ProgressBar.line(
        label: "2/3", done: 50, total: 200, later: 400, details: Self.details, elapsed: 10,
        columns: columns) == line)
  }

  @Test(arguments: [
    (2.0, "6 s"), (33.0, "99 s"), (34.0, "2 min"), (1_900.0, "95 min"), (3_600.0, "3.0 h"),
  ])
  func longTimesAreMinutesAndHours(elapsed: Double, left: String) {
    #expect(
      ProgressBar.line(label: "1/9", done: 1, total: 4, elapsed: elapsed)
        .hasSuffix(" 25%, \(left) left"))
  }

  /// What is trained is said once, and a bar tells which run it is.
  @Test func severalRunsShowTheirProgress() throws {
    let workspace = try Workspace()
    let run = ToolRun(workspace.training("--epochs", "2", "--seeds", "3:4"), errorIsTerminal: true)
    #expect(run.errors.contains("\rseed 3, 1/2 ") && run.errors.contains("\rseed 4, 2/2 "))
    #expect(run.lines.count { $0.contains(" training and ") } == 1)
    let quiet = ToolRun(
      workspace.training("--epochs", "2", "--seeds", "3:4", "--quiet"), errorIsTerminal: true)
    #expect(quiet.errors == "" && quiet.lines[...] == run.lines.dropFirst(2))
  }

  @Test func aSweepShowsItsProgress() throws {
    let workspace = try Workspace()
    let run = ToolRun(
      ["find-rate", "--data", workspace.data, "--model", "small", "--sweep", "20"],
      errorIsTerminal: true)
    #expect(run.errors.hasPrefix("\rsteps ") && run.errors.hasSuffix("\r\u{1B}[K"))
  }

  /// The plot of a sweep fills the terminal, from narrow to wide.
  @Test(arguments: [(nil, 72), (40, 32), (80, 72), (100, 92), (20, 12), (500, 120)])
  func aSweepsPlotFitsTheTerminal(columns: Int?, plot: Int) throws {
    let workspace = try Workspace()
    let run = ToolRun(
      ["find-rate", "--data", workspace.data, "--model", "small", "--sweep", "20"],
      columns: columns)
    let axis = try #require(run.lines.first { $0.contains("└") })
    #expect(axis.count { $0 == "─" } == plot)
    if let columns {
      #expect(run.lines.prefix(14).allSatisfy { $0.count <= columns })
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
