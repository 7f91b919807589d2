import ConvoyKernelInterface

/// How a convolution's gradients are made from those of its stage's outputs.
protocol ConvolutionGradient: Sendable {
  /// Samples of a shard that are best taken at a time.
  var samplesAtOnce: Int { get }

  /// Adds what the samples give to the shard's weight gradient, and sets their input gradients where
  /// those are wanted. The weight gradient is uninitialised before the shard's
  /// first sample.
  func run(_ pass: ShardPass, samples: Range<Int>)

  /// The weight gradient of rows of a panel, summed over shards.
  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, shards: Int,
    into gradient: MutableFloatPointer)

  /// Rearranges rows of a panel that have changed for the next pass.
  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory)
}

/// How a convolution's stage makes its outputs: convolution, max pooling where there is one, and
/// activation.
protocol ConvolutionForward: Sendable {
  /// Samples of a shard that are best taken at a time.
  var samplesAtOnce: Int { get }

  func run(_ pass: ShardPass, samples: Range<Int>)

  /// Makes ready what is read of a panel of the weights that has changed.
  func refresh(panel: Int, in memory: ParameterMemory)
}
