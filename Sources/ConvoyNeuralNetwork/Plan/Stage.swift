/// A step of the plan. Runs some samples at a time, on whatever thread; holds no state of its own.
protocol Stage: Sendable {
  var output: Edge { get }

  /// Output values from input values.
  func forward(_ pass: SamplePass)

  /// Input gradients from output gradients, where the input wants them. Adds parameter gradients to the
  /// group's slot, unless they have a phase of their own. May overwrite the output gradients with those
  /// before the activation. Only called where something before the stage learns, or the stage itself.
  func backward(_ pass: SamplePass)
}

/// A stage that learns.
protocol ParameterStage: Stage {
  var tensors: [ParameterTensor] { get }

  /// The stage's parameters in blocks, which the network alone decides.
  func blocks(stage: Int) -> [ParameterBlock]

  /// Pieces of the weight gradient that groups of samples sum, each in a slot: made in `backward`, unless
  /// the plan sums groups apart.
  var groupSumPieces: Int { get }

  /// Makes a piece of the weight gradient of a group of samples, all of which have run backward.
  func sumGroup(_ pass: SamplePass, piece: Int)

  /// The gradient of a block over a whole batch, after all that its groups or samples have run.
  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, groups: Int,
    into gradient: UnsafeMutablePointer<Float>)

  /// Rearranges a block that has changed for the next pass.
  func refresh(_ block: ParameterBlock, in memory: ParameterMemory)
}

extension ParameterStage {
  var groupSumPieces: Int { 0 }
  func sumGroup(_ pass: SamplePass, piece: Int) {}
}
