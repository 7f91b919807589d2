import Foundation
import Synchronization

/// Signals that ask a run to end: SIGINT (Control-C), SIGTERM, SIGHUP (a closed terminal) and
/// SIGXCPU (a limit on processor time). The first signal is recorded, to be checked between steps;
/// a second one other than SIGXCPU ends the process at once.
package enum Interruption {
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGXCPU]

  /// Unblocks the signals: a process inherits the signal mask of the thread that started it.
  static func unblockSignals() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// The number of the signal received; 0 for none.
  private static let received = Atomic<CInt>(0)

  /// A signal handler may call only a few functions, so this one only records the signal or exits.
  private static let handler: @convention(c) (CInt) -> Void = { signal in
    let earlier = Interruption.received.exchange(signal, ordering: .relaxed)
    // Past the limit on its processor time, a process is sent SIGXCPU each second.
    if earlier != 0, signal != SIGXCPU { _exit(128 + signal) }
  }

  /// The number of listeners, and the signals' previous actions. Several runs of a process may
  /// listen at once.
  private struct Listeners {
    var count = 0
    var previous: [(signal: CInt, action: sigaction)] = []
  }

  private static let listeners = Mutex(Listeners())

  /// The signal that came, if one did.
  package static var pending: CInt? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Listens for signals while `body` runs, then restores the previous actions.
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
        var earlier = sigaction()
        unsafe sigaction(number, nil, &earlier)
        let previous = bits(signal(number, handler))
        // Without SA_RESTART, a signal interrupts a blocking call, such as a write to a stalled
        // reader.
        var action = sigaction()
        unsafe sigaction(number, nil, &action)
        action.sa_flags &= ~CInt(SA_RESTART)
        unsafe sigaction(number, &action, nil)
        // A signal that the process was started to ignore, as by nohup, stays ignored.
        if previous == bits(SIG_IGN) { signal(number, SIG_IGN) }
        return (number, earlier)
      }
    }
  }

  private static func end() {
    listeners.withLock { listeners in
      listeners.count -= 1
      guard listeners.count == 0 else { return }
      for (number, action) in listeners.previous {
        var action = action
        unsafe sigaction(number, &action, nil)
      }
    }
  }

  private typealias Handler = (@convention(c) (CInt) -> Void)?

  /// C handlers are functions or small integers, which can be compared only by their bits.
  private static func bits(_ handler: Handler) -> Int {
    unsafe unsafeBitCast(handler, to: Int.self)
  }
}
