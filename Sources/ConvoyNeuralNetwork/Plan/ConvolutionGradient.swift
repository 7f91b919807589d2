import ConvoyKernelInterface

/// Computes a convolution's gradients from the gradients of its stage's output.
protocol ConvolutionGradient: Sendable {
  /// The best number of samples to process together.
  var samplesAtOnce: Int { get }

  /// Computes the wanted gradients for some samples of a pass. The first sample of the pass
  /// overwrites the weight gradient; later ones accumulate.
  func run(_ pass: SamplePass, samples: Range<Int>, _ wanted: WantedGradients)

  /// Sums the weight gradient of some rows of a panel over slots.
  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, slots: Int,
    into gradient: MutableFloatPointer)

  /// Updates the rearranged copies of a panel's rows after their weights have changed.
  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory)
}

/// Which gradients a run makes.
struct WantedGradients {
  /// Whether to compute the input gradient, if any earlier stage learns.
  let inputs: Bool
  /// Panels of the weight gradient to accumulate in the pass's slot; nil for none.
  let panels: Range<Int>?
}

/// Computes the output of a convolution's stage: convolution, optional max pooling, activation.
protocol ConvolutionForward: Sendable {
  /// The best number of samples to process together.
  var samplesAtOnce: Int { get }

  func run(_ pass: SamplePass, samples: Range<Int>)

  /// Updates derived weights after a panel of the filters has changed.
  func refresh(panel: Int, in memory: ParameterMemory)
}
