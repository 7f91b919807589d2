import ConvoyTraining

/// A model of the time that a step takes on some machines with some cores each.
///
/// The work of rank 0's part of a step is measured, cut as for all cores, on those of this machine; what
/// they take from each other counts as work. How long several cores need is computed: a phase lasts as
/// long as the core with the most chunks, and then until its end is known; messages take latency and
/// bandwidth, as if none travelled while others compute. Not in the model: memory bandwidth that cores
/// share; taking chunks, and looking for some to steal; cores that are late for other reasons.
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
    let workers = min(cores, step.phases.map(\.chunks).max() ?? 1)
    let computing = step.phases.reduce(0) { sum, phase in
      guard phase.chunks > 0 else { return sum }
      let rounds = (phase.chunks + workers - 1) / workers
      return sum + phase.seconds * Double(rounds) / Double(phase.chunks)
        + waiting(workers, chunks: phase.chunks)
    }
    return computing + step.messages * latency + step.bytes / bandwidth
  }

  /// From the end of a phase until all workers know of it, if all end together: each addition moves a
  /// counter's line to another core, half a round trip; then the others read the root's, one more.
  private func waiting(_ workers: Int, chunks: Int) -> Double {
    guard workers > 1 else { return 0 }
    let additions = CompletionTree.additionsInTurn(workers: workers, chunks: chunks)
    return roundTrip * (1 + Double(additions) / 2)
  }
}
