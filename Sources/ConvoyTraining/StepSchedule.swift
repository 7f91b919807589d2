import ConvoyNeuralNetwork

/// The phases of a training step, in order. The chunks of a phase may run concurrently.
struct StepSchedule {
  enum Phase: Sendable {
    /// Of the plan's: passes of chunks of the batch, or statistics or sums of groups, piece by piece.
    case plan(PlanPhase)
    /// The gradient of a block of parameters, with its norm.
    case gradients
    /// The norm of all gradients.
    case norm
    /// The update of a block; the last chunk records the step's results.
    case updates
  }

  let phases: [(phase: Phase, chunks: Int)]
  /// Whether all gradients must be known before any update. Otherwise a block's gradient is
  /// computed right before its update, and used while in cache.
  let clipsNorm: Bool

  init(_ work: BatchWork, blocks: Int, clipsNorm: Bool) {
    self.clipsNorm = clipsNorm
    phases =
      work.plan.phases.map { phase in
        switch phase {
        case .passes: (.plan(phase), work.cut.chunks)
        case .statistics(let time): (.plan(phase), work.plan.statisticsPieces(at: time))
        case .groupSums: (.plan(phase), work.cut.groups * work.plan.groupSumPieces)
        }
      } + (clipsNorm ? [(.gradients, blocks), (.norm, 1)] : []) + [(.updates, blocks + 1)]
  }

  var chunks: [Int] { phases.map(\.chunks) }
}

/// The samples of a step. Safe to use: it lives while the epoch's order is lent to the team's run.
@safe struct TrainingStep {
  let epoch: Int
  /// In the epoch, from 0.
  let index: Int
  /// Since training began, from 1.
  let number: Int
  /// Samples of the batch.
  let count: Int
  /// Their numbers in the data set.
  let sampleNumbers: UnsafePointer<Int>

  init(epoch: Int, index: Int, number: Int, order: UnsafeBufferPointer<Int>, batchSize: Int) {
    self.epoch = epoch
    self.index = index
    self.number = number
    let first = index * batchSize
    count = min(batchSize, order.count - first)
    guard count > 0, let start = order.baseAddress else {
      preconditionFailure("a step has samples")
    }
    unsafe sampleNumbers = start + first
  }
}
