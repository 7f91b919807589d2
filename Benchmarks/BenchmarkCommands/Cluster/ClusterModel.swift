import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyTraining
import Optimizers
import Synchronization

/// A model of the time that a step takes on some machines with some cores each.
///
/// The work of rank 0's part of a step is measured, cut as for all cores, on those of this machine; what
/// they take from each other counts as work. How long several cores need is computed: a phase lasts as
/// long as the core with the most chunks; each chunk's end is told by a cache line that travels between
/// cores; messages take latency and bandwidth, as if none travelled while others compute. Not in the
/// model: memory bandwidth that cores share, and cores that are late for other reasons.
struct ClusterModel {
  /// Of a core's line to another and back, in seconds.
  let roundTrip: Double
  /// Of a message, in seconds.
  let latency: Double
  /// In bytes per second.
  let bandwidth: Double

  /// What rank 0 does in a step.
  struct Step {
    /// Of all cores together in each phase, in seconds, and the chunks it can be dealt in.
    let phases: [(seconds: Double, chunks: Int)]
    let messages: Double
    let bytes: Double
  }

  /// Seconds of a step on so many cores a machine.
  func seconds(_ step: Step, cores: Int) -> Double {
    let computing = step.phases.reduce(0) { sum, phase in
      guard phase.chunks > 0 else { return sum }
      let rounds = (phase.chunks + cores - 1) / cores
      let waiting = cores > 1 ? roundTrip * (1 + Double(phase.chunks) / 2) : 0
      return sum + phase.seconds * Double(rounds) / Double(phase.chunks) + waiting
    }
    return computing + step.messages * latency + step.bytes / bandwidth
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

extension ClusterModel.Step {
  /// Measures rank 0's part of the steps of a workload, with the cores that this machine has.
  ///
  /// - Parameter cores: of each of the machines, that the part is cut for.
  init(
    _ workload: Workload, images: ImageSet, machines: Int, cores: Int, seconds: Double,
    kernels: any KernelSet
  ) throws {
    let rank = CountingRank(size: machines)
    let trainer = try MeasuredNetwork(
      workload.architecture, images: images, batch: workload.batch, threads: cores,
      optimizer: Adam(), kernels: kernels, cores: cores, ranks: rank
    ).trainer
    _ = try trainer.runEpoch(1, stepLimit: 2)
    let chunks = trainer.phaseChunks
    var rounds: [[Double]] = []
    let before = rank.counts
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var epoch = 1
    repeat {
      epoch += 1
      let times = PhaseTimes(workers: trainer.threads, phases: chunks.count)
      _ = try trainer.runEpoch(epoch, stepLimit: 1, times: times)
      rounds.append(chunks.indices.map { times.seconds(inPhases: $0..<$0 + 1) })
    } while clock.now < end || rounds.count < 3
    let counts = rank.counts
    phases = chunks.indices.map { phase in
      (Spread(rounds.map { $0[phase] }).median, chunks[phase])
    }
    messages = Double(counts.messages - before.messages) / Double(rounds.count)
    bytes = Double(counts.bytes - before.bytes) / Double(rounds.count)
  }
}
