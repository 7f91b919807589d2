import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyTraining
import Optimizers
import Synchronization

/// Rank 0's part of the steps of a workload, measured with the cores that this machine has.
final class MeasuredStep {
  private let trainer: Trainer
  private let rank: CountingRank
  private var epoch = 1
  /// About 50 ms of them, so that caches are as warm as in training.
  private let stepsATurn: Int
  private static let fewestTurns = 3
  /// Of each turn, the seconds of each phase of a step.
  private var turns: [[Double]] = []

  /// - Parameters:
  ///   - cores: a machine's; the part is cut for that many.
  ///   - seconds: those of all turns to come.
  init(
    _ workload: Workload, images: ImageSet, machines: Int, cores: Int, seconds: Double,
    kernels: any KernelSet
  ) throws {
    rank = CountingRank(size: machines)
    trainer = try MeasuredNetwork(
      workload.architecture, images: images, batch: workload.batch, threads: cores,
      optimizer: Adam(), kernels: kernels, cores: cores, ranks: rank
    ).trainer
    // The first steps start threads and allocate memory.
    _ = try trainer.runEpoch(epoch, stepLimit: 2)
    epoch += 1
    let step = try trainer.runEpoch(epoch, stepLimit: 1).seconds
    let turn = min(0.05, seconds / Double(Self.fewestTurns))
    stepsATurn = max(1, min(trainer.stepsAnEpoch, Int(turn / step)))
  }

  /// Measures several in turn, so that a slow spell of the processor affects all alike.
  static func measure(_ steps: [MeasuredStep], seconds: Double) throws -> [ClusterModel.Step] {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var turns = 0
    repeat {
      for step in steps { try step.run() }
      turns += 1
    } while clock.now < end || turns < fewestTurns
    return steps.map(\.median)
  }

  private func run() throws {
    epoch += 1
    let phases = trainer.phaseChunks.indices
    let times = PhaseTimes(workers: trainer.threads, phases: phases.count)
    _ = try trainer.runEpoch(epoch, stepLimit: stepsATurn, times: times)
    turns.append(phases.map { times.seconds(inPhases: $0..<$0 + 1) / Double(stepsATurn) })
  }

  private var median: ClusterModel.Step {
    let chunks = trainer.phaseChunks
    let steps = Double(trainer.stepNumber)
    return ClusterModel.Step(
      phases: chunks.indices.map { phase in
        (Spread(turns.map { $0[phase] }).median, chunks[phase])
      },
      messages: Double(rank.counts.messages) / steps, bytes: Double(rank.counts.bytes) / steps)
  }
}

/// A rank whose partners' messages are not waited for: it counts what it sends, and takes the numbers
/// that would have come for zeros. What it computes means nothing, and takes as long.
final class CountingRank: MessagePassing {
  let rank = 0
  let size: Int
  private let messages = Atomic<Int>(0)
  private let bytes = Atomic<Int>(0)

  init(size: Int) { self.size = size }

  func exchange(
    _ sent: UnsafeRawBufferPointer, to receiver: Int,
    _ received: UnsafeMutableRawBufferPointer, from sender: Int
  ) {
    messages.wrappingAdd(1, ordering: .relaxed)
    bytes.wrappingAdd(max(sent.count, received.count), ordering: .relaxed)
    unsafe received.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// So far.
  var counts: (messages: Int, bytes: Int) {
    (messages.load(ordering: .relaxed), bytes.load(ordering: .relaxed))
  }
}
