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
  /// That take about 50 ms, so that caches have what they have in training.
  private let stepsATurn: Int
  /// Of each turn, the seconds of each phase of a step.
  private var turns: [[Double]] = []

  /// - Parameter cores: of each of the machines, that the part is cut for.
  init(
    _ workload: Workload, images: ImageSet, machines: Int, cores: Int, kernels: any KernelSet
  ) throws {
    rank = CountingRank(size: machines)
    trainer = try MeasuredNetwork(
      workload.architecture, images: images, batch: workload.batch, threads: cores,
      optimizer: Adam(), kernels: kernels, cores: cores, ranks: rank
    ).trainer
    // Threads start, and memory is made.
    _ = try trainer.runEpoch(epoch, stepLimit: 2)
    epoch += 1
    let seconds = try trainer.runEpoch(epoch, stepLimit: 2).seconds
    stepsATurn = max(1, min(trainer.stepsAnEpoch, Int(0.1 / seconds)))
  }

  /// Measures several in turn, at least three times, so that a processor that is slower for a while is so
  /// for all.
  static func measure(_ steps: [MeasuredStep], seconds: Double) throws -> [ClusterModel.Step] {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var turns = 0
    repeat {
      for step in steps { try step.run() }
      turns += 1
    } while clock.now < end || turns < 3
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
