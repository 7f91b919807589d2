/// A step of the plan. Runs one shard at a time, on whatever thread; holds no state of its own.
protocol Stage: Sendable {
  var output: Edge { get }

  /// Output values from input values.
  func forward(_ pass: ShardPass)

  /// Input gradients from output gradients, where the input wants them; and the shard's share of
  /// parameter gradients. May overwrite the output gradients. Only called where something before the
  /// stage learns, or the stage itself.
  func backward(_ pass: ShardPass)
}

/// A stage that learns.
protocol ParameterStage: Stage {
  var tensors: [ParameterTensor] { get }

  /// The stage's parameters in blocks, which the network alone decides.
  func blocks(stage: Int) -> [ParameterBlock]

  /// The gradient of a block over a whole batch, after all its shards have run backward.
  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, shards: Int,
    into gradient: UnsafeMutablePointer<Float>)

  /// Rearranges a block that has changed for the next pass.
  func refresh(_ block: ParameterBlock, in memory: ParameterMemory)
}
