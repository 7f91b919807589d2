import ConvoyKernelInterface

/// How a convolution's gradients are made from those of its stage's outputs.
protocol ConvolutionGradient: Sendable {
  /// Samples of a pass that are best taken at a time.
  var samplesAtOnce: Int { get }

  /// Makes the wanted gradients of some samples of a pass. The pass's first sample overwrites the weight
  /// gradient; later ones are added.
  func run(_ pass: SamplePass, samples: Range<Int>, _ wanted: WantedGradients)

  /// The weight gradient of rows of a panel, summed over groups.
  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, groups: Int,
    into gradient: MutableFloatPointer)

  /// Rearranges rows of a panel that have changed for the next pass.
  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory)
}

/// Which gradients a run makes.
struct WantedGradients {
  /// The samples' input gradients, where anything before the convolution learns.
  let inputs: Bool
  /// Panels of the weight gradient in the pass's slot; nil where that is made apart.
  let panels: Range<Int>?
}

/// How a convolution's stage makes its outputs: convolution, max pooling where there is one, and
/// activation.
protocol ConvolutionForward: Sendable {
  /// Samples of a pass that are best taken at a time.
  var samplesAtOnce: Int { get }

  func run(_ pass: SamplePass, samples: Range<Int>)

  /// Makes ready what is read of a panel of the weights that has changed.
  func refresh(panel: Int, in memory: ParameterMemory)
}
