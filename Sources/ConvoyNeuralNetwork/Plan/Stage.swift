/// An executable node of the plan. Processes some samples at a time, on any thread, and holds no
/// state.
protocol Stage: Sendable {
  var output: Edge { get }

  /// Output values from input values.
  func forward(_ pass: SamplePass)

  /// Computes input gradients from output gradients, where the input wants them. Accumulates
  /// parameter gradients in the pass's slot, unless they have a phase of their own. May overwrite
  /// the output gradients with the gradients before the activation. Only called if the stage or any
  /// before it learns.
  func backward(_ pass: SamplePass)
}

/// A stage that learns.
protocol ParameterStage: Stage {
  var tensors: [ParameterTensor] { get }

  /// The stage's parameters in blocks, which depend on the network alone.
  func blocks(stage: Int) -> [ParameterBlock]

  /// The pieces of the weight gradient that groups of samples sum, each group in its slot: computed
  /// in `backward`, unless the plan sums groups in a separate phase.
  var groupSumPieces: Int { get }

  /// Makes a piece of the weight gradient of a group of samples, all of which have run backward.
  func sumGroup(_ pass: SamplePass, piece: Int)

  /// The gradient of a block over a whole batch, after all its samples and groups have run.
  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, slots: Int,
    into gradient: UnsafeMutablePointer<Float>)

  /// Rearranges a block that has changed for the next pass.
  func refresh(_ block: ParameterBlock, in memory: ParameterMemory)
}

/// A stage that normalises by statistics of the whole batch, or of ghosts: groups of consecutive
/// samples. Before each of its passes, one phase measures every sample, and another combines the
/// measurements.
protocol StatisticsStage: ParameterStage {
  /// Measures the inputs of some samples.
  func measure(_ pass: SamplePass)
  /// Measures the output gradients of some samples. May overwrite them as `backward` does.
  func measureGradients(_ pass: SamplePass)

  /// What `measure` and `measureGradients` write of a sample.
  var measuredRows: BatchRows { get }

  /// The pieces of the statistics, each for some channels.
  var statisticsPieces: Int { get }

  /// Makes a piece of the statistics from the measurements of a batch.
  func combine(piece: Int, parameters: ParameterMemory, batch: BatchMemory, samples: Int)
  func combineGradients(piece: Int, batch: BatchMemory, samples: Int)

  /// Updates the running statistics after a step.
  func updateStatistics(in memory: ParameterMemory, batch: BatchMemory, samples: Int)

  /// The smallest number of values over which a variance is computed.
  func fewestValues(ofBatch samples: Int) -> Int
}

extension ParameterStage {
  var groupSumPieces: Int { 0 }
  func sumGroup(_ pass: SamplePass, piece: Int) {}
}
