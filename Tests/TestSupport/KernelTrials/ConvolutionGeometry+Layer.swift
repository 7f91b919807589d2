import ConvoyKernelInterface

/// The layer behind a geometry, or one that computes the same: what lies between the rows and columns
/// that it reads is not told. Kernels need not be square: the input's gradient of a convolution with a
/// stride comes from parts of its kernel.
extension ConvolutionGeometry {
  /// A dense layer is one row, with a column for each sample.
  package var isDense: Bool { kernelRowStep == 0 }
  var rowStep: Int { isDense ? 0 : commonDivisor(inputRowStep, kernelRowStep) }
  var rowStride: Int { isDense ? 1 : inputRowStep / rowStep }
  var rowDilation: Int { isDense ? 1 : kernelRowStep / rowStep }
  /// As stored. Runs that touch do not tell the stride of the columns, which is mostly that of the rows.
  package var inputChannels: Int {
    if isDense || runs > 1 { return rowRun }
    let channels = inputColumnStep / rowStride
    return channels * rowStride == inputColumnStep && rowRun % max(1, channels) == 0
      ? channels : commonDivisor(inputColumnStep, rowRun)
  }
  /// Floats from a pixel of the input to the next.
  var pixelStep: Int {
    if isDense { return inputColumnStep }
    return runs > 1 ? commonDivisor(inputColumnStep, runStep) : inputChannels
  }
  var columnStride: Int { isDense ? 1 : inputColumnStep / pixelStep }
  var columnDilation: Int { runs > 1 ? runStep / pixelStep : 1 }
  package var kernelColumns: Int { runs > 1 ? runs : rowRun / inputChannels }
  var inputRows: Int { (outputRows - 1) * rowStride + (kernelRows - 1) * rowDilation + 1 }
  var inputColumns: Int {
    (outputColumns - 1) * columnStride + (kernelColumns - 1) * columnDilation + 1
  }
}

/// The largest number that divides both.
func commonDivisor(_ one: Int, _ other: Int) -> Int {
  other == 0 ? one : commonDivisor(other, one % other)
}
