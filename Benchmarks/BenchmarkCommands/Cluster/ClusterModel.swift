import ConvoyTraining

/// A model of the time that a step takes on some machines with some cores each.
///
/// The work of rank 0's part of a step is measured, cut as for all cores, on those of this machine; what
/// they take from each other counts as work. How long several cores need is computed: a phase lasts as
/// long as the core with the most chunks, and then until its end is known; messages take latency and
/// bandwidth, as if none travelled while others compute. Not in the model: memory bandwidth that cores
/// share, and cores that are late for other reasons.
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
      return sum + phase.seconds * Double(rounds) / Double(phase.chunks)
        + waiting(cores, chunks: phase.chunks)
    }
    return computing + step.messages * latency + step.bytes / bandwidth
  }

  /// From the end of a phase until all cores know of it, if all end together: each counts its chunks at its
  /// branch, whose line takes half a round trip to come, and each branch its end at the root, which
  /// the others then read. See `CompletionTree`.
  private func waiting(_ cores: Int, chunks: Int) -> Double {
    guard cores > 1 else { return 0 }
    let counting = min(cores, chunks)
    let aBranch = CompletionTree.branchWorkers(of: cores)
    let branches = (cores + aBranch - 1) / aBranch
    let inTurn = min(counting, aBranch) + (branches > 1 ? min(counting, branches) : 0)
    return roundTrip * (1 + Double(inTurn) / 2)
  }
}
