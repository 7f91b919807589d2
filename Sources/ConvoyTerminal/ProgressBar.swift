import ConvoyCommandLineOptions
import Foundation

/// A progress bar on a terminal. Its own thread draws it, so that training does not
/// wait for the terminal.
package final class ProgressBar: Sendable {
  private let console: Console
  private let isFinished = DispatchSemaphore(value: 0)
  private let drawing = DispatchGroup()

  /// - Parameters:
  ///   - later: the steps that follow when these are done, for the time left in all.
  ///   - details: returns texts, the longest first; the first for which there is room stands before
  ///     the time left. It is given the seconds since the beginning.
  ///   - done: returns the number of steps done. Both are called from another thread.
  package init(
    _ console: Console, label: String, total: Int, later: Int = 0,
    details: @escaping @Sendable (_ seconds: Double) -> [String] = { _ in [] },
    done: @escaping @Sendable () -> Int
  ) {
    self.console = console
    guard console.errorIsTerminal, total > 0 else { return }
    let start = ContinuousClock().now
    drawing.enter()
    let thread = Thread { [self] in
      repeat {
        let elapsed = (ContinuousClock().now - start) / .seconds(1)
        let line = Self.line(
          label: label, done: done(), total: total, later: later, details: details(elapsed),
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

  /// The line that fits a terminal of `columns` columns. As it gets narrower, the bar is
  /// shortened and the details become fewer, then the time left is omitted, then the label. A line
  /// that wraps could not be overwritten.
  package static func line(
    label: String, done: Int, total: Int, later: Int = 0, details: [String] = [],
    elapsed: Double, columns: Int = TerminalWidth.fallback
  ) -> String {
    let done = min(max(done, 0), total)
    let share = " \(100 * done / total)%"
    let left = done > 0 ? elapsed / Double(done) * Double(total - done) : nil
    var time = left.map { ", \(duration($0)) left" } ?? ""
    if let left, later > 0 {
      time += ", \(duration(left + elapsed / Double(done) * Double(later))) in all"
    }
    // The last column stays empty: some terminals wrap when it is written to.
    let room = columns - 1
    let widestTime = " 100%, 99 min left" + (later > 0 ? ", 99 min in all" : "")
    let detailed = details.map {
      (label + " ", share + $0 + time, $0 + widestTime, fair)
    }
    for (start, end, widest, least) in detailed + [
      (label + " ", share + time, widestTime, shortest), (label + " ", share, " 100%", shortest),
      ("", share, " 100%", shortest),
    ] {
      // Reserves room for the widest figures, so that the length of the bar does not change with
      // them.
      let width = min(longest, room - start.count - max(end.count, widest.count))
      guard width >= least else { continue }
      let filled = done * width / total
      return start + String(repeating: "█", count: filled)
        + String(repeating: "░", count: width - filled) + end
    }
    return String(share.dropFirst().prefix(max(0, room)))
  }

  /// Seconds, rounded up, minutes or hours.
  private static func duration(_ seconds: Double) -> String {
    let seconds = seconds.rounded(.up)
    if seconds < 100 { return String(format: "%.0f s", seconds) }
    if seconds <= 99 * 60 { return String(format: "%.0f min", (seconds / 60).rounded(.up)) }
    return String(format: "%.1f h", seconds / 3_600)
  }

  /// Columns of the bar itself, and the fewest that it has beside details.
  private static let longest = 30
  private static let fair = 10
  private static let shortest = 4
}
