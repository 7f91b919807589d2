/// Counts the chunks that are done of each phase, and knows when a phase is complete.
///
/// A counter that all workers add to travels from core to core, half a round trip for each: 32 round
/// trips a phase with 64 workers. So there are branches, which count the shares of neighbours, and a
/// root, which counts complete branches (combining trees: Yew, Tzeng and Lawrie, 1987). Workers wait for
/// the root, which changes once for each branch. A few workers have the root alone.
package final class CompletionTree: Sendable {
  /// Of a branch; the last may have fewer.
  private let branchWorkers: Int
  /// The root, and the branches, if there are several.
  private let counters: AtomicLines
  /// By branch and phase: the chunks of its shares, of this and earlier phases of a round.
  private let chunks: [[Int]]
  /// By phase: what the root counts, of this and earlier phases of a round.
  private let counts: [Int]

  /// - Parameter phases: the number of chunks in each; at least one phase.
  init(workers: Int, phases: [Int]) {
    let branchWorkers = Self.branchWorkers(of: workers)
    self.branchWorkers = branchWorkers
    let firsts = Array(stride(from: 0, to: workers, by: branchWorkers))
    let shares = firsts.map { first in
      let last = min(first + branchWorkers, workers) - 1
      return phases.map { chunks in
        ChunkQueues.share(last, of: workers, in: chunks).upperBound
          - ChunkQueues.share(first, of: workers, in: chunks).lowerBound
      }
    }
    chunks = shares.map(Self.runningSums)
    let isTree = firsts.count > 1
    counters = AtomicLines(count: isTree ? 1 + firsts.count : 1)
    counts = Self.runningSums(
      isTree ? phases.indices.map { phase in shares.count { $0[phase] > 0 } } : phases)
  }

  /// As many as there will be branches; or all of a few workers.
  package static func branchWorkers(of workers: Int) -> Int {
    workers <= 8 ? workers : Int(Double(workers).squareRoot().rounded(.up))
  }

  private static func runningSums(_ values: [Int]) -> [Int] {
    var sum = 0
    return values.map { value in
      sum += value
      return sum
    }
  }

  /// Counts chunks of a worker's share, whoever has run them.
  func add(_ number: Int, toShareOf worker: Int, phase: Int, round: Int) {
    guard counters.count > 1 else {
      counters.add(number, at: 0)
      return
    }
    let branch = worker / branchWorkers
    let done = counters.add(number, at: 1 + branch)
    let expected = chunks[branch]
    if done == round * expected[expected.count - 1] + expected[phase] { counters.add(1, at: 0) }
  }

  /// Whether this phase and all before it are complete. What their chunks wrote is visible then.
  func isComplete(phase: Int, round: Int) -> Bool {
    counters.acquiredValue(0) >= round * counts[counts.count - 1] + counts[phase]
  }
}
