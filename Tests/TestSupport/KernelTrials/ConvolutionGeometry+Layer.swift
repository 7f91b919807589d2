import ConvoyKernelInterface

/// The layer behind a geometry. Kernels need not be square: the input's gradient of a convolution with
/// a stride comes from parts of its kernel.
extension ConvolutionGeometry {
  /// A dense layer is one row, with a column for each sample.
  package var isDense: Bool { kernelRowStep == 0 }
  package var stride: Int { isDense ? 1 : inputRowStep / kernelRowStep }
  /// As stored.
  package var inputChannels: Int { isDense ? rowRun : inputColumnStep / stride }
  package var kernelColumns: Int { rowRun / inputChannels }
  /// Floats from a pixel of the input to the next.
  var pixelStep: Int { isDense ? inputColumnStep : inputChannels }
  var inputRows: Int { (outputRows - 1) * stride + kernelRows }
  var inputColumns: Int { (outputColumns - 1) * stride + kernelColumns }
}
