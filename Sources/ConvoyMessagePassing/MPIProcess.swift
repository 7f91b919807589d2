import Dispatch
import Foundation
import Synchronization

/// This process as a rank of MPI.
package final class MPIProcess: MessagePassing {
  package let rank: Int
  package let size: Int
  /// The library and its version.
  package var library: String { functions.name }
  private let functions: MPILibrary
  /// The exchange under way: its number, odd while it lasts, and whom it waits for.
  private let exchanges = Atomic<Int>(0)
  private let sender = Atomic<Int>(0)
  private let watcher = Mutex<Watcher?>(nil)

  /// Kept as long as it runs.
  private struct Watcher: @unchecked Sendable {
    let timer: any DispatchSourceTimer
  }

  /// Joins the ranks that a launcher has started.
  ///
  /// - Parameter library: of MPI; nil to look for the launcher's.
  /// - Throws: `MPIError` if there is none, or it is another's than the launcher.
  package init(_ launcher: Launcher, library: String? = nil) throws(MPIError) {
    functions = try MPILibrary(
      firstOf: library.map { [$0] } ?? launcher.libraries, for: launcher)
    try functions.initialize()
    (rank, size) = (functions.rank, functions.size)
    guard size == launcher.size else {
      functions.finalize()
      throw .otherLibrary(launcher, library: functions.name, found: size)
    }
  }

  /// The longest message: counts are 32-bit.
  private static let longest = 1 << 30

  package func exchange(
    _ sent: UnsafeRawBufferPointer, to receiver: Int,
    _ received: UnsafeMutableRawBufferPointer, from sender: Int
  ) {
    self.sender.store(sender, ordering: .relaxed)
    exchanges.wrappingAdd(1, ordering: .relaxed)
    var start = 0
    repeat {
      func piece(of count: Int) -> Range<Int> {
        min(start, count)..<min(start + Self.longest, count)
      }
      unsafe functions.exchange(
        UnsafeRawBufferPointer(rebasing: sent[piece(of: sent.count)]), to: receiver,
        UnsafeMutableRawBufferPointer(rebasing: received[piece(of: received.count)]),
        from: sender)
      start += Self.longest
    } while start < max(sent.count, received.count)
    exchanges.wrappingAdd(1, ordering: .relaxed)
  }

  package func leave() { functions.finalize() }

  package func abort() -> Never {
    functions.abort(code: 1)
    exit(1)
  }

  /// How long a rank that was asked to end waits for another.
  private static let patience = 2.0

  /// Ends this process if it was asked to, but waits for a rank that does not answer.
  ///
  /// - Parameters:
  ///   - signal: that asked it to end; nil for none so far.
  ///   - report: writes a line about it.
  package func watch(
    signal: @escaping @Sendable () -> CInt?, report: @escaping @Sendable (String) -> Void
  ) {
    let timer = DispatchSource.makeTimerSource()
    let waiting = Mutex((exchange: 0, since: ContinuousClock.now))
    timer.setEventHandler { [self] in
      guard let signal = signal() else { return }
      let exchange = exchanges.load(ordering: .relaxed)
      let isStuck = waiting.withLock { waiting in
        if exchange != waiting.exchange { waiting = (exchange, .now) }
        return exchange % 2 == 1 && waiting.since.duration(to: .now) > .seconds(Self.patience)
      }
      guard isStuck else { return }
      report("rank \(rank) ends: rank \(sender.load(ordering: .relaxed)) does not answer")
      _exit(128 + signal)
    }
    timer.schedule(deadline: .now(), repeating: 0.25)
    timer.resume()
    let watcher = Watcher(timer: timer)
    self.watcher.withLock { $0 = watcher }
  }
}

/// Why ranks cannot work together.
package enum MPIError: Error, CustomStringConvertible {
  case noLibrary(Launcher, reasons: [String])
  case otherLibrary(Launcher, library: String, found: Int)
  case threads(library: String)

  package var description: String {
    switch self {
    case .noLibrary(let launcher, let reasons):
      "\(launcher.name) started \(launcher.size) processes, which need its library; found none: "
        + reasons.joined(separator: "; ") + "; --mpi names it"
    case .otherLibrary(let launcher, let library, let found):
      "\(launcher.name) started \(launcher.size) processes, but \(library) finds \(found): it is "
        + "another's library; --mpi names the right one"
    case .threads(let library):
      "\(library): expected to be called by one thread at a time, found by the first only"
    }
  }
}
