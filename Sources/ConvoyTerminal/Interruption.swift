import Foundation
import Synchronization

/// Signals by which a run is asked to end: SIGINT, as of Control-C, SIGTERM, SIGHUP, as of a terminal
/// that is closed, and SIGXCPU, as of a limit on processor time. The first is noted, for whoever asks
/// between two steps; a second one ends the process at once.
package enum Interruption {
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGXCPU]

  /// Lets the signals through, which whoever started this from a thread that blocks them has blocked
  /// here too.
  static func unblockSignals() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// The number of the signal that came; 0 if none did.
  private static let received = Atomic<CInt>(0)

  /// A handler may do very little, and this is all it does.
  private static let handler: @convention(c) (CInt) -> Void = { signal in
    let earlier = Interruption.received.exchange(signal, ordering: .relaxed)
    // Past the limit on its processor time, a process is sent SIGXCPU each second.
    if earlier != 0, signal != SIGXCPU { _exit(128 + signal) }
  }

  /// Who listens, and what the signals did before. Several runs of a process may listen at once.
  private struct Listeners {
    var count = 0
    var previous: [(signal: CInt, handler: Int)] = []
  }

  private static let listeners = Mutex(Listeners())

  /// The signal that came, if one did.
  package static var pending: CInt? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Listens while `body` runs; what the signals did before, they do again after it.
  package static func listening<Result>(_ body: () throws -> Result) rethrows -> Result {
    begin()
    defer { end() }
    return try body()
  }

  private static func begin() {
    listeners.withLock { listeners in
      listeners.count += 1
      guard listeners.count == 1 else { return }
      received.store(0, ordering: .relaxed)
      listeners.previous = signals.map { number in
        let previous = bits(signal(number, handler))
        // A call that waits, as for a reader of the results, ends when the signal comes.
        var action = sigaction()
        unsafe sigaction(number, nil, &action)
        action.sa_flags &= ~CInt(SA_RESTART)
        unsafe sigaction(number, &action, nil)
        // What the process was started to ignore, as by nohup, stays ignored.
        if previous == bits(SIG_IGN) { signal(number, SIG_IGN) }
        return (number, previous)
      }
    }
  }

  private static func end() {
    listeners.withLock { listeners in
      listeners.count -= 1
      guard listeners.count == 0 else { return }
      for (number, handler) in listeners.previous {
        unsafe signal(number, unsafeBitCast(handler, to: Handler.self))
      }
    }
  }

  private typealias Handler = (@convention(c) (CInt) -> Void)?

  /// C's handlers are functions or small numbers, which only their bits tell apart.
  private static func bits(_ handler: Handler) -> Int {
    unsafe unsafeBitCast(handler, to: Int.self)
  }
}
