import ConvoyCPUFeatures
import ConvoyKernelInterface
import ConvoyProcessLimits
import Dispatch

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
/// chunk has been taken, and a worker that has taken chunks runs and counts them before it waits.
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

  /// - Parameters:
  ///   - threads: requested.
  ///   - most: Dispatch starts no more than there are cores, and the chunks dealt to a missing worker
  ///     would move between caches.
  package init(threads: Int, atMost most: Int = AvailableCores.count) {
    precondition(threads >= 1 && most >= 1, "a team has at least one worker")
    self.threads = min(threads, most)
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
    precondition(
      phases.last != 0, "the last phase has a chunk, after which a round may be the last")
    let workers = min(threads, phases.max() ?? 1)
    let queues = ChunkQueues(workers: workers)
    let completion = CompletionTree(workers: workers, phases: phases)
    // The number of rounds to run. It is lowered before the round's last chunk is counted, so a worker
    // that has waited for the round sees it.
    let end = AtomicLines(count: 1)
    end.store(rounds, at: 0)

    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      flushingDenormals {
        for round in 0..<rounds {
          guard round < end.value(0) else { return }
          for phase in phases.indices {
            for offset in 0..<workers {
              // A complete phase has nothing to steal.
              if offset > 0, completion.isComplete(phase: phase, round: round) { break }
              let owner = (worker + offset) % workers
              var done = 0
              while let chunk = queues.take(
                fromShareOf: owner, in: phases[phase], ofPhase: round * phases.count + phase + 1)
              {
                let ticket = Ticket(worker: worker, round: round, phase: phase, chunk: chunk)
                if let times { times.measure(ticket, body) } else { body(ticket) }
                if phase == phases.count - 1, chunk == phases[phase] - 1, endsEarly() {
                  end.store(round + 1, at: 0)
                }
                done += 1
              }
              if done > 0 {
                completion.add(done, toShareOf: owner, phase: phase, round: round)
              }
            }
            wait { completion.isComplete(phase: phase, round: round) }
          }
        }
      }
    }
  }

  /// Spins briefly, because a phase's chunks end close together; then yields; then sleeps, because the
  /// awaited worker may need this core.
  private func wait(until isComplete: () -> Bool) {
    var spins = 0
    while !isComplete() {
      spins += 1
      if spins < 2_000 {
        convoy_relax()
      } else if spins < 2_050 {
        sched_yield()
      } else {
        usleep(50)
      }
    }
  }
}
