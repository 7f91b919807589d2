import ConvoyNeuralNetwork
import Testing

/// A network to export, by the name of its file.
struct SampleNetwork: Sendable, CustomTestStringConvertible {
  let name: String
  let architecture: Network
  let input: FeatureShape
  var loss = LossFunction.crossEntropy

  var testDescription: String { name }

  init(
    _ name: String, _ layers: [any Layer], _ input: FeatureShape,
    loss: LossFunction = .crossEntropy
  ) {
    self.name = name
    architecture = Network(layers)
    self.input = input
    self.loss = loss
  }

  private static let gray = FeatureShape(channels: 2, height: 9, width: 7)

  /// Each layer type, in shapes that tell rows from columns and channels from groups.
  static let small: [SampleNetwork] = [
    SampleNetwork(
      "convolutions",
      [
        Convolution(
          filters: 6, kernelSize: Pair(3, 2), stride: Pair(2, 1), padding: .zeros(Pair(1, 0)),
          dilation: Pair(1, 2), groups: 2),
        Convolution(filters: 6, kernelSize: Pair(2, 4), padding: .same, groups: 6, bias: false),
        Convolution(filters: 4, kernelSize: 3, padding: .same, dilation: Pair(1, 2)),
        Flatten(), Dense(5, bias: false), Identity(), Dense(3),
      ], gray),
    SampleNetwork(
      "normalizations",
      [
        Convolution(filters: 6, kernelSize: 1), BatchNormalization(),
        GroupNormalization(groups: 3),
        BatchNormalization(momentum: 0.3, epsilon: 0.01, hasScale: false),
        GroupNormalization(groups: 1, epsilon: 0.001, hasScale: false),
        BatchNormalization(hasShift: false, samples: 2),
        GroupNormalization(groups: 6, hasShift: false),
        GroupNormalization(groups: 2, hasScale: false, hasShift: false), Flatten(),
        Dense(8), BatchNormalization(), GroupNormalization(groups: 2), Dense(3),
        Softmax(),
      ], gray),
    SampleNetwork(
      "poolings",
      [
        MaxPooling(Pair(3, 2), stride: Pair(1, 2), padding: Pair(1, 0)),
        AveragePooling(3, stride: 1, padding: 1),
        AveragePooling(Pair(2, 1)),
        Concatenation([[GlobalMaxPooling()], [GlobalAveragePooling(), Flatten()], [Flatten()]]),
        Dropout(rate: 0.5), Dense(3),
      ], gray),
    SampleNetwork(
      "activations",
      [
        Convolution(filters: 4, kernelSize: 1), GELU(), SiLU(), HardSwish(), ELU(alpha: 0.7),
        ReLU6(),
        LeakyReLU(slope: 0.2), PReLU(), Scale(factor: 3), Softmax(), PReLU(isShared: true),
        Tanh(), Sigmoid(), Flatten(), Dense(6), PReLU(), ReLU(), GELU(), Softmax(),
        Dense(3),
      ], gray),
    SampleNetwork(
      "branches",
      [
        Residual([Convolution(filters: 2, kernelSize: 3, padding: .same)]), ReLU(),
        Residual(
          [Convolution(filters: 3, kernelSize: 1), Residual([Sigmoid()], shortcut: [Tanh()])],
          shortcut: [Convolution(filters: 3, kernelSize: 1, bias: false)]),
        Concatenation([
          [], [Convolution(filters: 2, kernelSize: 1), ReLU()],
          [Concatenation([[Tanh()], [ReLU(), Residual([SiLU(), Identity()])]])],
        ]),
        Flatten(), Dense(3), Identity(),
      ], gray, loss: .hinge),
    SampleNetwork(
      "squares", [Flatten(), Dense(4), Softmax()], gray, loss: .meanSquaredError),
  ]

  /// Those that come with Convoy, which take longer.
  static let presets: [SampleNetwork] = Network.Preset.allCases.map { preset in
    let isColor = ["resnet20", "resnet9", "airbench94", "mobilenet", "compact"]
      .contains(preset.rawValue)
    let input =
      isColor
      ? FeatureShape(channels: 3, height: 32, width: 32)
      : FeatureShape(channels: 1, height: 28, width: 28)
    return SampleNetwork(
      preset.rawValue,
      Network(preset, classes: 10, channels: input.channels).layers, input)
  }
}
