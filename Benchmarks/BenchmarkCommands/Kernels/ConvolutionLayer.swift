import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// A convolution of a network: its place among the layers, and what a sample costs.
struct ConvolutionLayer {
  let index: Int
  /// Channels are as they are stored.
  let shape: String
  /// Floating-point operations of the plain convolution of a sample, a multiply-add as two: forward,
  /// and for each of the gradients.
  let operations: Int

  static func all(_ workload: Workload) throws -> [ConvolutionLayer] {
    try workload.architecture.placedLayers(for: workload.input).compactMap { placed in
      guard let layer = placed.layer as? Convolution else { return nil }
      let (input, output) = (placed.input.shape, placed.output)
      // The network's own input comes as it is.
      let inputs = placed.number == 0 ? input.channels : PanelLayout.padded(input.channels)
      let filters = PanelLayout.padded(output.channels)
      let weights = filters * max(1, inputs / layer.groups) * layer.kernelSize.product
      return ConvolutionLayer(
        index: placed.number,
        shape: "\(layer.kernelSize.rows)×\(layer.kernelSize.columns), \(inputs) → "
          + "\(output.height)×\(output.width)×\(filters)",
        operations: 2 * output.height * output.width * weights)
    }
  }
}
