/// Counts the chunks that are done of each phase, and knows when a phase is complete.
///
/// A counter that all workers add to travels from core to core, half a round trip for each: 32 round
/// trips a phase with 64 workers. So there are branches, which count the shares of neighbours, and a
/// root, which counts complete branches (combining trees: Yew, Tzeng and Lawrie, 1987). Workers wait for
/// the root, which changes once for each branch. A few workers have the root alone.
package final class CompletionTree: Sendable {
  private let phases: Int
  /// Of a branch; the last may have fewer.
  private let branchWorkers: Int
  /// The root, and the branches, if there are several.
  private let counters: AtomicLines
  /// For each branch and phase: the branch's count, within a round, at the end of the phase.
  private let branchTargets: [Int]
  /// For each phase: the root's count, within a round, at its end.
  private let rootTargets: [Int]

  /// - Parameter phases: the number of chunks in each; at least one phase.
  init(workers: Int, phases: [Int]) {
    let width = Self.branchWorkers(of: workers)
    self.phases = phases.count
    branchWorkers = width
    let chunksOfBranches = stride(from: 0, to: workers, by: width).map { first in
      let last = min(first + width, workers) - 1
      return phases.map { chunks in
        ChunkQueues.share(last, of: workers, in: chunks).upperBound
          - ChunkQueues.share(first, of: workers, in: chunks).lowerBound
      }
    }
    let isTree = chunksOfBranches.count > 1
    counters = AtomicLines(count: isTree ? 1 + chunksOfBranches.count : 1)
    branchTargets = isTree ? chunksOfBranches.flatMap(Self.runningSums) : []
    rootTargets = Self.runningSums(
      isTree
        ? phases.indices.map { phase in chunksOfBranches.count { $0[phase] > 0 } } : phases)
  }

  /// About the square root of the workers, so that branches and root are written equally often. Up to 8
  /// workers, whose cores may share a cache, have one counter.
  static func branchWorkers(of workers: Int) -> Int {
    workers <= 8 ? workers : Int(Double(workers).squareRoot().rounded(.up))
  }

  private static func runningSums(_ values: [Int]) -> [Int] {
    var sum = 0
    return values.map { value in
      sum += value
      return sum
    }
  }

  /// The additions that wait for one another at the end of a phase, at its busiest branch and at the
  /// root, if each worker adds the chunks of its own share.
  package static func additionsInTurn(workers: Int, chunks: Int) -> Int {
    let width = branchWorkers(of: workers)
    let adding = (0..<workers).filter { !ChunkQueues.share($0, of: workers, in: chunks).isEmpty }
    let branches = Dictionary(grouping: adding) { $0 / width }
    let busiest = branches.values.map(\.count).max() ?? 0
    return busiest + (workers > width ? branches.count : 0)
  }

  /// Counts chunks of a worker's share, whoever has run them.
  func add(_ chunks: Int, toShareOf worker: Int, phase: Int, round: Int) {
    guard counters.count > 1 else {
      counters.add(chunks, at: 0)
      return
    }
    let branch = worker / branchWorkers
    let done = counters.add(chunks, at: 1 + branch)
    let last = branch * phases + phases - 1
    if done == round * branchTargets[last] + branchTargets[branch * phases + phase] {
      counters.add(1, at: 0)
    }
  }

  /// Whether this phase and all before it are complete. What their chunks wrote is visible then.
  func isComplete(phase: Int, round: Int) -> Bool {
    counters.acquiredValue(0) >= round * rootTargets[phases - 1] + rootTargets[phase]
  }
}
