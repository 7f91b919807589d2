/// How a convolution's stage makes its outputs: convolution, max pooling where there is one, and
/// activation.
protocol ConvolutionForward: Sendable {
  /// Samples of a shard that are best taken at a time.
  var samplesAtOnce: Int { get }

  func run(_ pass: ShardPass, samples: Range<Int>)

  /// Makes ready what is read of a panel of the weights that has changed.
  func refresh(panel: Int, in memory: ParameterMemory)
}
