import KernelInterface

extension ConvolutionGeometry {
  /// Where the input's pixels lie: a dense layer is one row of samples.
  var isDense: Bool { kernelRows == 1 && outputRows == 1 }
  /// As stored. Kernels are square.
  var inputChannels: Int { rowRun / kernelRows }
  var stride: Int { isDense ? 1 : inputColumnStep / inputChannels }
  /// From a pixel to the next, in floats.
  var pixelStep: Int { isDense ? inputColumnStep : inputChannels }
  var inputRows: Int { (outputRows - 1) * stride + kernelRows }
  var inputColumns: Int { (outputColumns - 1) * stride + kernelRows }

  /// As stored.
  var shape: String {
    isDense
      ? "\(outputColumns) × \(rowRun) → \(outputChannels)"
      : "\(kernelRows)×\(kernelRows), \(inputChannels) → \(outputRows)×\(outputColumns)×\(outputChannels)"
  }
}
