import ConvoyCommandLineOptions
import Foundation

/// A progress bar for an epoch on a terminal. Its own thread draws it, so that training does not
/// wait for the terminal.
package final class ProgressBar: Sendable {
  private let console: Console
  private let isFinished = DispatchSemaphore(value: 0)
  private let drawing = DispatchGroup()

  /// - Parameters:
  ///   - later: the steps that follow when these are done, for the time left in all.
  ///   - detail: returns a text that stands before the time left, where there is room.
  ///   - done: returns the number of steps done. Both are called from another thread.
  package init(
    _ console: Console, label: String, total: Int, later: Int = 0,
    detail: @escaping @Sendable () -> String = { "" }, done: @escaping @Sendable () -> Int
  ) {
    self.console = console
    guard console.errorIsTerminal, total > 0 else { return }
    let start = ContinuousClock().now
    drawing.enter()
    let thread = Thread { [self] in
      repeat {
        let elapsed = (ContinuousClock().now - start) / .seconds(1)
        let line = Self.line(
          label: label, done: done(), total: total, later: later, detail: detail(),
          elapsed: elapsed, columns: console.errorColumns())
        console.error("\r\(line)\u{1B}[K")
      } while isFinished.wait(timeout: .now() + 0.1) == .timedOut
      drawing.leave()
    }
    thread.start()
  }

  /// Removes the bar.
  package func finish() {
    isFinished.signal()
    drawing.wait()
    if console.errorIsTerminal { console.error("\r\u{1B}[K") }
  }

  /// The line that fits a terminal of `columns` columns. As it gets narrower, first the bar is
  /// shortened, then the detail is omitted, then the time left, then the label. A line that wraps
  /// could not be overwritten.
  package static func line(
    label: String, done: Int, total: Int, later: Int = 0, detail: String = "", elapsed: Double,
    columns: Int = TerminalWidth.fallback
  ) -> String {
    let done = min(max(done, 0), total)
    let share = " \(100 * done / total)%"
    let left = done > 0 ? elapsed / Double(done) * Double(total - done) : nil
    var time = left.map { String(format: ", %.0f s left", $0.rounded(.up)) } ?? ""
    if let left, later > 0 {
      time += String(
        format: " of %.0f s", (left + elapsed / Double(done) * Double(later)).rounded(.up))
    }
    // The last column stays empty: some terminals wrap when it is written to.
    let room = columns - 1
    let widestTime = " 100%, 999 s left" + (later > 0 ? " of 9999 s" : "")
    let detailed = detail.isEmpty ? [] : [(label + " ", share + detail + time, detail + widestTime)]
    for (start, end, widest) in detailed + [
      (label + " ", share + time, widestTime), (label + " ", share, " 100%"), ("", share, " 100%"),
    ] {
      // Reserves room for the widest figures, so that the length of the bar does not change with
      // them.
      let width = min(longest, room - start.count - max(end.count, widest.count))
      guard width >= shortest else { continue }
      let filled = done * width / total
      return start + String(repeating: "█", count: filled)
        + String(repeating: "░", count: width - filled) + end
    }
    return String(share.dropFirst().prefix(max(0, room)))
  }

  /// Columns of the bar itself.
  private static let longest = 30
  private static let shortest = 4
}
