import ConvoyNeuralNetwork
import Foundation

/// Networks that have every layer between them.
enum SampleArchitectures {
  /// The network of `Tests/PyTorch`, which has every layer type.
  static func everyLayer() throws -> Network {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../PyTorch/every_layer.json")
    return try Network(json: Data(contentsOf: file), source: "every_layer.json")
  }

  /// Normalisations that cannot be folded, a softmax over the channels of a map, padded means, uneven
  /// windows, and a softmax at the end that is not part of the loss.
  static let uneven = Network([
    BatchNormalization(epsilon: 0.01), BatchNormalization(hasScale: false),
    Convolution(
      filters: 6, kernelSize: Pair(4, 3), stride: Pair(1, 2), padding: .zeros(Pair(2, 0)),
      dilation: Pair(1, 2)),
    AveragePooling(2, padding: 1), BatchNormalization(hasShift: false), Softmax(),
    Convolution(filters: 5, kernelSize: Pair(2, 4), padding: .same),
    MaxPooling(Pair(3, 2), stride: Pair(2, 1), padding: 1),
    BatchNormalization(hasScale: false),
    Concatenation([[ReLU()], [], [Convolution(filters: 10, kernelSize: 1, groups: 5)]]),
    Flatten(), GroupNormalization(groups: 1), Dropout(rate: 0.5), Dense(7), Softmax(),
    Identity(),
  ])
}
