import ConvoyAugmentation
import ConvoyNeuralNetwork

/// The phases of a training step, in order. The chunks of a phase may run concurrently.
struct StepSchedule {
  enum Phase: Sendable {
    /// Of the plan's: passes of chunks of the batch, or statistics or sums of groups, piece by piece.
    case plan(PlanPhase)
    /// The second group of each split pair, added to the first.
    case splitPairs
    /// Between ranks: what the samples have measured for statistics; sums of slots, while samples are
    /// dealt; gradients of the whole batch, while sums are dealt; the completion of the sums; all
    /// parts of the gradients, with the losses. See `RankExchange`.
    case rankStatistics(at: Int)
    case rankSums, rankGradients, rankCompletion, rankGather
    /// The gradient of a block of parameters, with its norm.
    case gradients
    /// The norm of all gradients.
    case norm
    /// What the optimizer measures in a block for its tensor; see `TensorUpdates`.
    case measurements
    /// What it makes of the measurements of a tensor.
    case tensors
    /// The update of a block; the last chunk records the step's results.
    case updates
  }

  let phases: [(phase: Phase, chunks: Int)]
  /// - Parameters:
  ///   - tensors: those that the optimizer looks at as a whole; nil if it does not.
  ///   - keepsGradients: whether all gradients and their norm are known before any update.
  ///   - exchange: nil for a process by itself.
  init(
    _ work: BatchWork, blocks: Int, tensors: Int?, keepsGradients: Bool, exchange: RankExchange?
  ) {
    var phases: [(phase: Phase, chunks: Int)] = []
    for phase in work.plan.phases {
      switch phase {
      case .passes: phases.append((.plan(phase), work.cut.chunks))
      case .statistics(let time):
        if exchange != nil { phases.append((.rankStatistics(at: time), 1)) }
        phases.append((.plan(phase), work.plan.statisticsPieces(at: time)))
      case .groupSums:
        phases.append((.plan(phase), work.cut.ownGroups * work.plan.groupSumPieces))
      }
    }
    if work.cut.splitPairs > 0 { phases.append((.splitPairs, work.cut.splitPairs)) }
    if let exchange {
      phases.append((.rankSums, 1 + exchange.sumPieces))
      phases.append((.rankGradients, 1 + exchange.gradientBlocks))
      phases.append((.rankCompletion, exchange.completedPieces))
      phases.append((.rankGather, 1))
    }
    if keepsGradients {
      phases.append((.gradients, blocks))
      phases.append((.norm, 1))
    }
    if let tensors {
      phases.append((.measurements, blocks))
      phases.append((.tensors, tensors))
    }
    phases.append((.updates, blocks + 1))
    self.phases = phases
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
  /// Their places in the epoch's order.
  let places: Range<Int>
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
    places = first..<first + count
    unsafe sampleNumbers = start + first
  }

  /// The place of the sample that a sample is mixed with.
  func partner(of place: Int) -> Int { Mixing.partner(of: place, inBatchOf: count) }
}

/// The results of a step of training.
public struct TrainedStep: Sendable, Equatable {
  /// From 1.
  public let epoch: Int
  /// Since training began, from 1.
  public let number: Int
  /// The mean over the batch, before the update.
  public let loss: Float
  /// That of this step.
  public let learningRate: Double
  /// Of all gradients together, before clipping; nil where it was not wanted.
  public let gradientNorm: Double?
}
