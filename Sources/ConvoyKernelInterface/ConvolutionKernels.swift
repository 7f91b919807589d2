/// Convolutions and dense layers, by their own loops.
package protocol ConvolutionKernels: Sendable {
  /// output = bias + Σ input · weight, overwriting; 0 for a bias of nil. Summed from the bias
  /// through the taps by kernel row, kernel column, input channel.
  func convolve(
    _ geometry: ConvolutionGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer)

  /// Convolution, max pooling and activation of one sample, as one stage. `band` is room for the rows
  /// of the convolution that are yet to be pooled, unless they stay in registers: `kernelSize` of them
  /// where windows do not overlap, else all. `winners` gets the place of each maximum in its window, as the pooling's winner steps
  /// count it, in a float: comparisons of floats are what every instruction set has vectors for.
  func convolveAndMaxPool(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, activation: ActivationFunction,
    input: FloatPointer, weights: FloatPointer, bias: FloatPointer, band: MutableFloatPointer,
    output: MutableFloatPointer, winners: MutableFloatPointer)

  /// Weight gradient = [itself +] Σ input · output gradient, over output rows, then columns.
  /// The geometry's output steps are the gradient's.
  func weightGradient(
    _ geometry: ConvolutionGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool)
}

/// Gradients of convolutions before max pooling, from lists of those that are not zero.
package protocol GradientListKernels: Sendable {
  /// Lists the gradients that a convolution's outputs have after max pooling: of each window, the
  /// winner's. The pooling's winner steps are the convolution's input steps. Appends to what the
  /// lists hold, unless they are `empty`. Of the geometry's output channels, which may be some of the
  /// pooling's channels only.
  ///
  /// - Parameter offset: what is added to all places.
  func listPooledGradients(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, outputGradient: FloatPointer,
    winners: FloatPointer, offset: Int, lists: GradientLists, empty: Bool)

  /// As `weightGradient`, from lists, in their order; the result is filter-major. May read up to
  /// seven floats past a run of the input, and leaves what fills up the result's rows undefined.
  func listedWeightGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, input: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool)

  /// Input gradient = Σ over listed gradients · filter-major weights, filter by filter. Overwrites
  /// `count` floats of the input gradient, which lies as the input does; runs are whole vectors.
  func listedInputGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, weights: FloatPointer,
    inputGradient: MutableFloatPointer, count: Int)
}
