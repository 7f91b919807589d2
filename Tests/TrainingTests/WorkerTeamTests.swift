import ConvoyTraining
import Foundation
import Synchronization
import Testing

@Suite struct WorkerTeamTests {
  /// Counts what ran, and what a phase saw of the phases before it.
  private final class Ledger: Sendable {
    let done = Atomic<Int>(0)
    let mistakes = Atomic<Int>(0)
    let tickets = Mutex<Set<[Int]>>([])
  }

  /// Also with more workers than cores, most of which start late, and more workers than chunks.
  @Test(
    arguments: [1, 2, 3, 8, 9, 10, 64, 70],
    [[5, 1, 7], [64, 1, 3, 130], [0, 9, 0, 0, 8]] as [[Int]])
  func runsEveryTicketOnceAndPhasesInTurn(threads: Int, phases: [Int]) {
    let rounds = 12
    let chunks = phases.reduce(0, +)
    let ledger = Ledger()
    WorkerTeam(threads: threads, atMost: 128).run(rounds: rounds, phases: phases) { ticket in
      let before = ticket.round * chunks + phases[..<ticket.phase].reduce(0, +)
      let done = ledger.done.load(ordering: .acquiring)
      // All of the earlier phases, and none of a later one.
      if done < before || done >= before + phases[ticket.phase] {
        ledger.mistakes.wrappingAdd(1, ordering: .relaxed)
      }
      if ticket.worker >= threads { ledger.mistakes.wrappingAdd(1, ordering: .relaxed) }
      let isNew = ledger.tickets.withLock {
        $0.insert([ticket.round, ticket.phase, ticket.chunk]).inserted
      }
      if !isNew { ledger.mistakes.wrappingAdd(1, ordering: .relaxed) }
      ledger.done.wrappingAdd(1, ordering: .releasing)
    }
    #expect(ledger.done.load(ordering: .acquiring) == rounds * chunks)
    #expect(ledger.tickets.withLock { $0.count } == rounds * chunks)
    #expect(ledger.mistakes.load(ordering: .acquiring) == 0)
  }

  /// Whichever worker finds that a round is the last, all tickets of that round run and none after it.
  @Test(arguments: [1, 2, 3, 8, 20], [0, 1, 6, 11, 12])
  func endsAfterAWholeRound(threads: Int, last: Int) {
    for _ in 0..<20 {
      let ledger = Ledger()
      let asked = Atomic<Int>(0)
      let isLast: @Sendable () -> Bool = {
        asked.wrappingAdd(1, ordering: .relaxed).oldValue == last
      }
      let team = WorkerTeam(threads: threads, atMost: 128)
      team.run(rounds: 12, phases: [5, 23], endsEarly: isLast) { ticket in
        ledger.done.wrappingAdd(1, ordering: .relaxed)
        _ = ledger.tickets.withLock { $0.insert([ticket.round, ticket.phase, ticket.chunk]) }
      }
      let rounds = min(last + 1, 12)
      #expect(ledger.done.load(ordering: .relaxed) == rounds * 28)
      #expect(asked.load(ordering: .relaxed) == rounds)
      #expect(ledger.tickets.withLock { $0.allSatisfy { $0[0] < rounds } })
    }
  }

  /// A worker that is held up keeps its chunk alone: the others run the rest of its share.
  @Test func othersTakeWhatAWorkerHasLeft() throws {
    let ledger = Ledger()
    let workers = Mutex<[Int: Int]>([:])
    WorkerTeam(threads: 2).run(rounds: 1, phases: [8]) { ticket in
      workers.withLock { $0[ticket.chunk] = ticket.worker }
      ledger.done.wrappingAdd(1, ordering: .releasing)
      // The worker of the first chunk waits for all others to be done, by whomever.
      while ticket.chunk == 0, ledger.done.load(ordering: .acquiring) < 8, !hasOneCore {
        Thread.sleep(forTimeInterval: 1e-4)
      }
    }
    let runners = workers.withLock { $0 }
    #expect(runners.count == 8)
    let first = try #require(runners[0])
    #expect(hasOneCore || (1..<8).allSatisfy { runners[$0] != first })
  }

  /// Chunks go to the same workers in every round, where none is late.
  @Test func aShareIsARunOfNeighbours() {
    let runners = Mutex<[[Int]]>([])
    let started = Atomic<Int>(0)
    WorkerTeam(threads: 2).run(rounds: 4, phases: [2]) { ticket in
      // Both chunks of a round run at once, so that neither worker can take both.
      started.wrappingAdd(1, ordering: .releasing)
      while started.load(ordering: .acquiring) < 2 * (ticket.round + 1), !hasOneCore {
        Thread.sleep(forTimeInterval: 1e-4)
      }
      runners.withLock { $0.append([ticket.chunk, ticket.worker]) }
    }
    let seen = runners.withLock { $0 }
    #expect(seen.count == 8)
    #expect(hasOneCore || seen.allSatisfy { $0[0] == $0[1] })
  }

  @Test func nothingToDoIsDoneAtOnce() {
    let ledger = Ledger()
    WorkerTeam(threads: 2).run(rounds: 0, phases: [4]) { _ in
      ledger.done.wrappingAdd(1, ordering: .relaxed)
    }
    WorkerTeam(threads: 2).run(rounds: 3, phases: []) { _ in
      ledger.done.wrappingAdd(1, ordering: .relaxed)
    }
    #expect(ledger.done.load(ordering: .acquiring) == 0)
  }

  @Test func workersFlushDenormalsAndLeaveTheCallerAsItWas() {
    let ledger = Ledger()
    WorkerTeam(threads: 2).run(rounds: 1, phases: [8]) { _ in
      if smallestNormal(halved: 1) != 0 { ledger.mistakes.wrappingAdd(1, ordering: .relaxed) }
    }
    #expect(ledger.mistakes.load(ordering: .acquiring) == 0)
    #expect(smallestNormal(halved: 1) != 0)
  }
}

/// Then Dispatch runs one worker alone, and waiting for another would not end.
private let hasOneCore = ProcessInfo.processInfo.activeProcessorCount == 1

/// The smallest normal number, halved at run time: a denormal, or zero where they are flushed.
@inline(never)
private func smallestNormal(halved times: Int) -> Float {
  (0..<times).reduce(Float.leastNormalMagnitude) { value, _ in value * 0.5 }
}
