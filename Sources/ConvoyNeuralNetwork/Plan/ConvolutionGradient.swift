import ConvoyKernelInterface

/// How a convolution's gradients are made from those of its stage's outputs.
protocol ConvolutionGradient: Sendable {
  /// Samples of a shard that are best taken at a time.
  var samplesAtOnce: Int { get }

  /// Adds what the samples give to the shard's weight gradient, and sets their input gradients where
  /// those are wanted. Before the shard's first sample the weight gradient holds anything.
  func run(_ pass: ShardPass, samples: Range<Int>)

  /// The weight gradient of rows of a panel, summed over shards.
  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, shards: Int,
    into gradient: MutableFloatPointer)

  /// Rearranges rows of a panel that have changed for the next pass.
  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory)
}
