import KernelInterface

extension CompiledKernels {
  /// Convolution, max pooling and activation of one sample. Only the rows of the convolution that the
  /// next row of windows needs are in memory, and are still in the first cache when they are pooled.
  /// The activation follows the pooling: where it is monotonic, the result is the same and the work a
  /// fraction.
  package func convolveAndMaxPool(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, activation: ActivationFunction,
    input: FloatPointer, weights: FloatPointer, bias: FloatPointer, band: MutableFloatPointer,
    output: MutableFloatPointer, winners: MutableFloatPointer
  ) {
    var rows = geometry
    let outputRow = RowGeometry(
      rows: 1, count: pooling.outputColumns &* pooling.channels, step: 0, otherStep: 0)
    var computedRows = 0
    for row in 0..<pooling.outputRows {
      let first = row &* pooling.stride
      let firstMissing = pooling.overlaps ? max(first, computedRows) : first
      computedRows = first &+ pooling.kernelSize
      rows.outputRows = computedRows &- firstMissing
      let place = pooling.overlaps ? firstMissing : 0
      convolve(
        rows, input: input + firstMissing &* geometry.inputRowStep, weights: weights, bias: bias,
        output: band + place &* geometry.outputRowStep)
      let rowOutput = output + row &* pooling.outputRowStep
      maxPoolRow(
        pooling, input: band + (pooling.overlaps ? first : 0) &* geometry.outputRowStep,
        output: rowOutput, winners: winners + row &* outputRow.count)
      activate(activation, outputRow, values: rowOutput)
    }
  }
}
