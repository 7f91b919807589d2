/// A layer as the user describes it. Shapes are channels × height × width.
package enum Layer: Sendable, Equatable {
  /// Input C × H × W, output filters × ((H + 2P − K) / S + 1) × ((W + 2P − K) / S + 1), rounded down:
  /// output = bias + Σ over channel, kernel row and kernel column of input · filter (LeCun et al.,
  /// 1989). Zero padding P on every side, stride S, kernel size K. Without biases, where a map is zero,
  /// so is the output.
  case convolution(
    filters: Int, kernelSize: Int, stride: Int, padding: Int, hasBias: Bool = true)
  /// The largest of each K × K window, S apart: C × ((H − K) / S + 1) × ((W − K) / S + 1).
  case maxPooling(kernelSize: Int, stride: Int)
  /// The mean of each K × K window, S apart; shapes as `maxPooling`.
  case averagePooling(kernelSize: Int, stride: Int)
  /// A map becomes a vector, in channel, row, column order.
  case flatten
  /// Vector to vector: output = bias + weight · input.
  case dense(units: Int)
  /// In training each value is zero with probability `rate`, and the others are divided by
  /// 1 − rate; in evaluation nothing happens (Srivastava et al., 2014).
  case dropout(rate: Float)
  /// max(x, 0).
  case relu
  /// x > 0 ? x : slope · x.
  case leakyRelu(slope: Float)
  case sigmoid
  case tanh
  /// e^x / Σ e^x over channels: over all features of a vector, over the channels of each pixel.
  case softmax
  case identity

  /// The name by which an architecture file calls the layer.
  package var type: LayerType {
    switch self {
    case .convolution: .convolution
    case .maxPooling: .maxPooling
    case .averagePooling: .averagePooling
    case .flatten: .flatten
    case .dense: .dense
    case .dropout: .dropout
    case .relu: .relu
    case .leakyRelu: .leakyRelu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .softmax: .softmax
    case .identity: .identity
    }
  }
}
