import ConvoyKernelInterface

extension CompiledKernels {
  /// Convolution, max pooling and activation of one sample. Activations are monotonic, so applying
  /// them after the pooling gives the same result with a fraction of the work.
  package func convolveAndMaxPool(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, activation: ActivationFunction,
    input: FloatPointer, weights: FloatPointer, bias: FloatPointer, band: MutableFloatPointer,
    output: MutableFloatPointer, winners: MutableFloatPointer
  ) {
    if pooling.kernelRows == 2 && pooling.kernelColumns == 2
      && pooling.rowStride == 2 && pooling.columnStride == 2 && WindowLimit.wide > 0
    {
      convolveWindows(
        geometry, pooling, input: input, weights: weights, bias: bias, output: output,
        winners: winners)
    } else {
      convolveBands(
        geometry, pooling, input: input, weights: weights, bias: bias, band: band, output: output,
        winners: winners)
    }
    let rows = RowGeometry(
      rows: pooling.outputRows, count: pooling.outputColumns &* pooling.channels,
      step: pooling.outputRowStep, otherStep: 0)
    activate(activation, rows, values: output)
  }

  /// Computes the convolution rows that each row of windows still lacks, and pools them while they
  /// are in the L1 cache. If windows do not overlap, `band` is reused for every row of windows;
  /// otherwise it holds the full map.
  private func convolveBands(
    _ geometry: ConvolutionGeometry, _ pooling: PoolingGeometry, input: FloatPointer,
    weights: FloatPointer, bias: FloatPointer, band: MutableFloatPointer,
    output: MutableFloatPointer, winners: MutableFloatPointer
  ) {
    var rows = geometry
    var computedRows = 0
    for row in 0..<pooling.outputRows {
      let first = row &* pooling.rowStride
      let firstMissing = pooling.overlaps ? max(first, computedRows) : first
      computedRows = first &+ pooling.kernelRows
      rows.outputRows = computedRows &- firstMissing
      let place = pooling.overlaps ? firstMissing : 0
      convolve(
        rows, input: input + firstMissing &* geometry.inputRowStep, weights: weights, bias: bias,
        output: band + place &* geometry.outputRowStep)
      maxPoolRow(
        pooling, input: band + (pooling.overlaps ? first : 0) &* geometry.outputRowStep,
        output: output + row &* pooling.outputRowStep,
        winners: winners + row &* pooling.outputColumns &* pooling.channels)
    }
  }
}
