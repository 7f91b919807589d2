/// Direct convolutions and dense layers.
package protocol ConvolutionKernels: Sendable {
  /// output = bias + Σ input · weight, overwriting; 0 for a bias of nil. Summed from the bias
  /// through the taps by kernel row, kernel column, input channel.
  func convolve(
    _ geometry: ConvolutionGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer)

  /// Convolution, max pooling and activation of one sample, fused. `band` has room for convolution
  /// rows before pooling, unless they stay in registers: `kernelRows` rows if windows do not
  /// overlap, otherwise all. `winners` receives the position of each maximum in its window, counted
  /// in the pooling's winner steps, as a float: every instruction set has vector comparisons of
  /// floats.
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

/// Gradients of convolutions before max pooling, from lists of nonzero output gradients.
package protocol GradientListKernels: Sendable {
  /// Lists the output gradients of a convolution before max pooling: for each window, that of the
  /// winner. The pooling's winner steps are the convolution's input steps. Appends to the lists, or
  /// overwrites them if `empty`. Lists only the geometry's output channels, which may be fewer than
  /// the pooling's.
  ///
  /// - Parameter offset: added to every listed input offset.
  func listPooledGradients(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, outputGradient: FloatPointer,
    winners: FloatPointer, offset: Int, lists: GradientLists, empty: Bool)

  /// As `weightGradient`, from lists, in list order; the result is filter-major. May read up to
  /// seven floats past a run of the input. The padding of the result's rows is undefined.
  func listedWeightGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, input: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool)

  /// Input gradient = Σ over listed gradients · filter-major weights, filter by filter. Overwrites
  /// `count` floats of the input gradient, which lies as the input does; runs are whole vectors.
  func listedInputGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, weights: FloatPointer,
    inputGradient: MutableFloatPointer, count: Int)
}
