import CPUFeatures
import Dispatch
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Threads that work through rounds of phases together: all chunks of a phase at once, phase after
/// phase.
///
/// One `concurrentPerform` serves for all rounds, because starting one costs tens of microseconds,
/// as much as a small phase. Its workers claim tickets from one counter, in order; before a worker
/// runs a ticket it waits until the chunks of all earlier phases are done. It cannot deadlock, even
/// if Dispatch starts a single worker: a worker waits only for tickets claimed before its own, and
/// the earliest of those never waits.
package struct WorkerTeam: Sendable {
  package let threads: Int

  /// A chunk of work.
  package struct Ticket: Sendable {
    package let worker: Int
    package let round: Int
    package let phase: Int
    package let chunk: Int
  }

  package init(threads: Int) {
    precondition(threads >= 1, "a team has at least one worker")
    self.threads = threads
  }

  /// Runs `rounds` times all `phases`.
  ///
  /// - Parameters:
  ///   - phases: chunks of each phase.
  ///   - times: gets what the workers spent in each phase; nil where nobody asks.
  ///   - endsEarly: asked once a round, after the last chunk of its last phase has run, perhaps before
  ///     the others have: whether the round is to be the last. It then is for all workers.
  ///   - body: runs a ticket. What it wrote in a phase is seen by all tickets of later phases.
  package func run(
    rounds: Int, phases: [Int], times: PhaseTimes? = nil,
    endsEarly: @Sendable () -> Bool = { false }, _ body: @Sendable (Ticket) -> Void
  ) {
    let starts = phases.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let ticketsARound = starts[phases.count]
    let total = rounds * ticketsARound
    guard total > 0 else { return }
    let counters = Counters(limit: total)

    DispatchQueue.concurrentPerform(iterations: min(threads, total)) { worker in
      let controlWord = convoy_flush_denormals()
      defer { convoy_restore_denormals(controlWord) }
      while true {
        let number = counters.claimed.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < total else { return }
        let (round, place) = number.quotientAndRemainder(dividingBy: ticketsARound)
        var phase = 0
        while place >= starts[phase + 1] { phase += 1 }
        // A later round begins when all of this one is done, and then knows whether it is to run.
        guard counters.wait(untilDone: round * ticketsARound + starts[phase], toRun: number) else {
          return
        }
        let ticket = Ticket(
          worker: worker, round: round, phase: phase, chunk: place - starts[phase])
        if let times { times.measure(ticket, body) } else { body(ticket) }
        if place == ticketsARound - 1, endsEarly() {
          counters.limit.store(number + 1, ordering: .relaxed)
        }
        counters.done.wrappingAdd(1, ordering: .releasing)
      }
    }
  }

  /// Tickets claimed and tickets done, a cache line apart from each other and from anything else.
  private final class Counters: Sendable {
    private let before = Padding()
    let claimed = Atomic<Int>(0)
    private let between = Padding()
    let done = Atomic<Int>(0)
    /// Tickets from this number on are not run. It is lowered before the round is done, and so seen
    /// by whoever has waited for that; those who wait for tickets beyond it look at it as they wait.
    let limit: Atomic<Int>
    private let after = Padding()

    init(limit: Int) { self.limit = Atomic(limit) }

    private struct Padding {
      let bytes = InlineArray<128, UInt8>(repeating: 0)
    }

    /// Spins briefly, since a phase's chunks end close together; then lets other threads run; and
    /// then sleeps, because whoever is waited for may be waiting for a core.
    ///
    /// - Returns: whether ticket `number` is to be run.
    func wait(untilDone count: Int, toRun number: Int) -> Bool {
      var spins = 0
      while done.load(ordering: .acquiring) < count {
        if number >= limit.load(ordering: .relaxed) { return false }
        spins += 1
        if spins < 2_000 {
          convoy_relax()
        } else if spins < 2_050 {
          sched_yield()
        } else {
          usleep(50)
        }
      }
      return number < limit.load(ordering: .relaxed)
    }
  }
}
