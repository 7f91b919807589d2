import ConvoyTestSupport
import Testing

@testable import ConvoyTraining

/// A tree that counts for one caller; `WorkerTeamTests` has workers.
@Suite struct CompletionTreeTests {
  /// A phase is complete with its last chunk, in whatever order and runs the shares are counted.
  @Test(arguments: [1, 2, 8, 9, 10, 30, 64, 65, 200])
  func aPhaseIsCompleteWithItsLastChunk(workers: Int) {
    var random = SeededGenerator(seed: UInt64(workers))
    let phases = [workers, 1, 3, 0, workers + 5, 7 * workers - 1, 0, 2]
    let tree = CompletionTree(workers: workers, phases: phases)
    for round in 0..<3 {
      for (phase, chunks) in phases.enumerated() {
        var counts = (0..<workers).flatMap { worker in
          let share = ChunkQueues.share(worker, of: workers, in: chunks).count
          let first = share > 0 ? Int.random(in: 0...share, using: &random) : 0
          return [(worker, first), (worker, share - first)].filter { $0.1 > 0 }
        }
        counts.shuffle(using: &random)
        for (worker, count) in counts {
          #expect(!tree.isComplete(phase: phase, round: round))
          tree.add(count, toShareOf: worker, phase: phase, round: round)
        }
        #expect(tree.isComplete(phase: phase, round: round))
      }
    }
  }

  /// Up to 8 workers have one counter.
  @Test(arguments: [(1, 1), (8, 8), (9, 3), (64, 8), (65, 9), (1_024, 32)])
  func aBranchHasTheSquareRootOfTheWorkers(workers: Int, width: Int) {
    #expect(CompletionTree.branchWorkers(of: workers) == width)
  }
}
