import Foundation

/// A bar on a terminal that shows how far an epoch is, drawn by a thread of its own so that training
/// never waits for the terminal.
final class ProgressBar: Sendable {
  private let console: Console
  private let isFinished = DispatchSemaphore(value: 0)
  private let drawing = DispatchGroup()

  /// - Parameters:
  ///   - done: how much is done at the moment; asked from another thread.
  init(_ console: Console, label: String, total: Int, done: @escaping @Sendable () -> Int) {
    self.console = console
    guard console.errorIsTerminal, total > 0 else { return }
    let start = ContinuousClock().now
    drawing.enter()
    let thread = Thread { [self] in
      repeat {
        let elapsed = (ContinuousClock().now - start) / .seconds(1)
        console.error(
          "\r" + Self.line(label: label, done: done(), total: total, elapsed: elapsed) + "\u{1B}[K")
      } while isFinished.wait(timeout: .now() + 0.1) == .timedOut
      drawing.leave()
    }
    thread.start()
  }

  /// Takes the bar away.
  func finish() {
    isFinished.signal()
    drawing.wait()
    if console.errorIsTerminal { console.error("\r\u{1B}[K") }
  }

  static func line(label: String, done: Int, total: Int, elapsed: Double) -> String {
    let width = 30
    let done = min(max(done, 0), total)
    let filled = done * width / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let left = done > 0 ? elapsed / Double(done) * Double(total - done) : nil
    return "\(label) \(bar) \(100 * done / total)%"
      + (left.map { String(format: ", %.0f s left", $0.rounded(.up)) } ?? "")
  }
}
