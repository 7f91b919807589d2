import KernelInterface
import NeuralNetwork

/// A convolution of a network: its place among the layers, and what a sample costs.
struct ConvolutionLayer {
  let index: Int
  /// Channels are as they are stored.
  let shape: String
  /// Floating-point operations of the plain convolution of a sample, a multiply-add as two: forward,
  /// and for each of the gradients.
  let operations: Int

  static func all(_ workload: Workload) throws -> [ConvolutionLayer] {
    let architecture = workload.architecture
    var input = workload.input
    var layers: [ConvolutionLayer] = []
    for (index, output) in try architecture.outputShapes(for: workload.input).enumerated() {
      if let kernelSize = (architecture.layers[index] as? Convolution)?.kernelSize {
        // The network's own input comes as it is.
        let inputs = index == 0 ? input.channels : PanelLayout.padded(input.channels)
        let filters = PanelLayout.padded(output.channels)
        layers.append(
          ConvolutionLayer(
            index: index,
            shape: "\(kernelSize)×\(kernelSize), \(inputs) → "
              + "\(output.height)×\(output.width)×\(filters)",
            operations: 2 * output.height * output.width * filters * inputs * kernelSize
              * kernelSize))
      }
      input = output
    }
    return layers
  }
}
