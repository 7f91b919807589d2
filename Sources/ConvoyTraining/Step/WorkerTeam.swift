import ConvoyCPUFeatures
import ConvoyKernelInterface
import ConvoyProcessLimits
import Dispatch
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Threads that run rounds of phases together: the chunks of a phase concurrently, the phases in
/// order.
///
/// One `concurrentPerform` serves all rounds, because starting one costs tens of microseconds, as
/// much as a small phase. Each worker is dealt an equal run of a phase's chunks, the same in every
/// round, so that their data stay in one core's cache; a worker that runs out steals from others.
/// It cannot deadlock, even if Dispatch starts a single worker: a worker waits only when every
/// chunk has been taken, and a chunk that was taken is running.
package struct WorkerTeam: Sendable {
  /// At least 1.
  package let threads: Int

  /// A chunk of work.
  package struct Ticket: Sendable {
    package let worker: Int
    package let round: Int
    package let phase: Int
    package let chunk: Int
  }

  /// - Parameter threads: requested; capped at the available cores, because Dispatch starts no
  ///   more, and the chunks dealt to a missing worker would move between caches.
  package init(threads: Int) {
    precondition(threads >= 1, "a team has at least one worker")
    self.threads = min(threads, AvailableCores.count)
  }

  /// Runs all `phases`, `rounds` times.
  ///
  /// - Parameters:
  ///   - phases: the number of chunks in each phase.
  ///   - times: accumulates the time of each worker in each phase; nil to not measure.
  ///   - endsEarly: asked once per round, when the last chunk of its last phase has run, perhaps
  ///     before the others have finished: whether this round is the last. The answer holds for all
  ///     workers.
  ///   - body: runs a ticket. Its writes in a phase are visible to all tickets of later phases.
  package func run(
    rounds: Int, phases: [Int], times: PhaseTimes? = nil,
    endsEarly: @Sendable () -> Bool = { false }, _ body: @Sendable (Ticket) -> Void
  ) {
    let chunksARound = phases.reduce(0, +)
    guard rounds > 0, chunksARound > 0 else { return }
    precondition(
      UInt32(exactly: rounds * phases.count) != nil && UInt32(exactly: chunksARound) != nil,
      "phases and chunks are counted in 32 bits")
    let workers = min(threads, phases.max() ?? 1)
    let queues = (0..<workers).map { _ in ChunkQueue() }
    let counters = Counters(rounds: rounds)

    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      flushingDenormals {
        var earlier = 0
        for round in 0..<rounds {
          for (phase, chunks) in phases.enumerated() {
            guard counters.wait(untilDone: earlier, toRun: round) else { return }
            earlier += chunks
            let number = UInt32(round * phases.count + phase + 1)
            for offset in 0..<workers {
              let owner = (worker + offset) % workers
              let own = chunks * owner / workers..<chunks * (owner + 1) / workers
              while let chunk = queues[owner].take(from: own, ofPhase: number) {
                let ticket = Ticket(worker: worker, round: round, phase: phase, chunk: chunk)
                if let times { times.measure(ticket, body) } else { body(ticket) }
                if phase == phases.count - 1, chunk == chunks - 1, endsEarly() {
                  counters.rounds.store(round + 1, ordering: .relaxed)
                }
                counters.done.wrappingAdd(1, ordering: .releasing)
              }
            }
          }
        }
      }
    }
  }

  /// Each counter is on cache lines of its own.
  private final class Counters: Sendable {
    private let before = CacheLinePadding()
    /// Chunks done, of all phases and rounds.
    let done = Atomic<Int>(0)
    private let between = CacheLinePadding()
    /// The rounds to run. It is lowered before the current round is done, so every worker that has
    /// waited for that sees it.
    let rounds: Atomic<Int>
    private let after = CacheLinePadding()

    init(rounds: Int) { self.rounds = Atomic(rounds) }

    /// Spins briefly, because a phase's chunks end close together; then yields; then sleeps,
    /// because the awaited worker may need this core.
    ///
    /// - Returns: whether the round is to be run.
    func wait(untilDone count: Int, toRun round: Int) -> Bool {
      var spins = 0
      while done.load(ordering: .acquiring) < count {
        spins += 1
        if spins < 2_000 {
          convoy_relax()
        } else if spins < 2_050 {
          sched_yield()
        } else {
          usleep(50)
        }
      }
      return round < rounds.load(ordering: .relaxed)
    }
  }
}
