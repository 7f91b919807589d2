import ConvoyNeuralNetwork
import Foundation
import Testing

@Suite struct ArchitectureTests {
  /// As if the layers were written out, also inside composites and inside each other.
  @Test func repeatedLayersAreLayersWrittenOut() throws {
    let json = #"""
      {"layers": [
        {"type": "repeat", "times": 2, "layers": [
          {"type": "convolution", "filters": 4, "kernelSize": 3},
          {"type": "repeat", "times": 3, "layers": [{"type": "relu"}]}]},
        {"type": "residual", "layers": [
          {"type": "repeat", "times": 2, "layers": [{"type": "tanh"}]}]},
        {"type": "flatten"}, {"type": "dense", "units": 2}]}
      """#
    let part: [any Layer] = [
      Convolution(filters: 4, kernelSize: 3, stride: 1, padding: 0), ReLU(), ReLU(), ReLU(),
    ]
    let written = Network(
      part + part + [Residual([Tanh(), Tanh()]), Flatten(), Dense(2)])
    let read = try Network(json: Data(json.utf8), source: "net.json")
    #expect(read == written)
    #expect(try read.json() == written.json())
  }

  /// Identities behind it change nothing.
  @Test func aLastSoftmaxIsFound() throws {
    #expect(Network([Dense(3), Softmax()]).endsInSoftmax)
    #expect(Network([Dense(3), Softmax(), Identity(), Identity()]).endsInSoftmax)
    #expect(!Network([Softmax(), Dense(3), Identity()]).endsInSoftmax)
    #expect(!Network([Identity()]).endsInSoftmax && !Network([]).endsInSoftmax)
  }

  @Test func aFactorIsFinite() {
    for factor in [Float.nan, .infinity] {
      #expect(throws: NetworkError.self) {
        try Network([Scale(factor: factor), Dense(3)])
          .validate(for: FeatureShape(features: 2), source: "net")
      }
    }
  }

  /// What their authors count: Page 6.57 million for 32×32 images, Jordan 1.97.
  @Test func presetsHaveTheirParameters() throws {
    let colour = FeatureShape(channels: 3, height: 32, width: 32)
    func parameters(_ preset: Network.Preset) throws -> Int {
      try Network(preset, classes: 10).placedLayers(for: colour).reduce(0) {
        $0 + $1.parameters
      }
    }
    #expect(try parameters(.resnet9) == 6_573_120)
    #expect(try parameters(.airbench94) == 1_971_640)
    #expect(try parameters(.resnet20) == 272_474)
  }

  /// As small as images can be, and neither square nor even.
  @Test(arguments: [(1, 1), (5, 300), (33, 2)])
  func theDefaultFitsImagesOfAnySize(height: Int, width: Int) throws {
    let input = FeatureShape(channels: 3, height: height, width: width)
    #expect(try Network(.compact, classes: 5).outputShape(for: input).count == 5)
  }

  @Test func readsEveryLayerTypeWithItsDefaults() throws {
    let json = """
      {"layers": [
        {"type": "convolution", "filters": 8, "kernelSize": 3, "stride": 1, "padding": 1},
        {"type": "relu"}, {"type": "maxPooling", "kernelSize": 2},
        {"type": "convolution", "filters": 4, "kernelSize": 5},
        {"type": "convolution", "filters": 2, "kernelSize": 1, "bias": false},
        {"type": "convolution", "filters": 2, "kernelSize": 1, "trainable": false},
        {"type": "convolution", "filters": 2, "kernelSize": 1, "initialization": "dirac"},
        {"type": "batchNormalization", "trainable": false},
        {"type": "leakyRelu"}, {"type": "averagePooling", "kernelSize": 3, "stride": 2},
        {"type": "sigmoid"}, {"type": "groupNormalization", "groups": 2}, {"type": "flatten"},
        {"type": "dense", "units": 64, "trainable": false},
        {"type": "dense", "units": 64, "initialization": "orthogonal"},
        {"type": "groupNormalization", "groups": 8, "epsilon": 0.5, "scale": false, "shift": false},
        {"type": "tanh"}, {"type": "prelu"}, {"type": "prelu", "shared": true},
        {"type": "dropout", "rate": 0.5}, {"type": "identity"},
        {"type": "dense", "units": 10}, {"type": "softmax"},
        {"type": "convolution", "filters": 6, "kernelSize": [1, 3], "stride": [2, 1],
         "padding": [0, 1], "dilation": [1, 2], "groups": 3},
        {"type": "convolution", "filters": 6, "kernelSize": 4, "padding": "same"},
        {"type": "maxPooling", "kernelSize": [3, 2], "padding": [1, 0]},
        {"type": "concatenate", "branches": [[{"type": "relu"}], [], [
          {"type": "concatenate", "branches": [[{"type": "tanh"}]]}]]}]}
      """
    let architecture = try Network(json: Data(json.utf8), source: "test")
    let expected: [any Layer] = [
      Convolution(filters: 8, kernelSize: 3, stride: 1, padding: 1), ReLU(),
      MaxPooling(2, stride: 2),
      Convolution(filters: 4, kernelSize: 5, stride: 1, padding: 0),
      Convolution(filters: 2, kernelSize: 1, stride: 1, padding: 0, bias: false),
      Convolution(filters: 2, kernelSize: 1, isTrainable: false),
      Convolution(filters: 2, kernelSize: 1, initialization: .dirac),
      BatchNormalization(isTrainable: false),
      LeakyReLU(slope: 0.01), AveragePooling(3, stride: 2), Sigmoid(),
      GroupNormalization(groups: 2, epsilon: 1e-5), Flatten(), Dense(64, isTrainable: false),
      Dense(64, initialization: .orthogonal),
      GroupNormalization(groups: 8, epsilon: 0.5, hasScale: false, hasShift: false), Tanh(),
      PReLU(), PReLU(isShared: true), Dropout(rate: 0.5), Identity(), Dense(10), Softmax(),
      Convolution(
        filters: 6, kernelSize: Pair(1, 3), stride: Pair(2, 1), padding: .zeros(Pair(0, 1)),
        dilation: Pair(1, 2), groups: 3),
      Convolution(filters: 6, kernelSize: 4, padding: .same),
      MaxPooling(Pair(3, 2), padding: Pair(1, 0)),
      Concatenation([[ReLU()], [], [Concatenation([[Tanh()]])]]),
    ]
    #expect(architecture == Network(expected))
    let again = try Network(json: Data(architecture.json().utf8), source: "test")
    #expect(again == architecture)
  }

  @Test(arguments: [
    (#"{"layers": [{"type": "convolutoin"}]}"#, "layers 0.type: expected a layer type"),
    (
      #"{"layers": [{"type": "relu"}, {"type": "dense", "units": 3, "unit": 4}]}"#,
      "layers 1.unit: expected only bias, initialization, trainable, type, units in a dense layer, found 'unit'"
    ),
    (#"{"layers": [{"type": "dense"}]}"#, "layers 0: expected 'units', found none"),
    (
      #"{"layers": [{"type": "dense", "units": "many"}]}"#,
      "layers 0.units: expected a whole number, found a string"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 1, "kernelSize": 1, "bias": 0}]}"#,
      "layers 0.bias: expected true or false, found 0"
    ),
    (
      #"{"layers": [{"type": "dense", "units": 1, "trainable": "no"}]}"#,
      "layers 0.trainable: expected true or false, found a string"
    ),
    (
      #"{"layers": [{"type": "dense", "units": 1, "initialization": "dirac"}]}"#,
      "layers 0.initialization: expected one of xavier, he, orthogonal, found 'dirac'"
    ),
    (#"{"layers": 3}"#, "layers: expected a list"), (#"{}"#, "expected 'layers', found none"),
    ("[]", "expected an object"), ("{", "byte 1: expected a string, found the end"),
  ])
  func refusesWhatIsNoArchitecture(json: String, problem: String) {
    let error = #expect(throws: NetworkError.self) {
      try Network(json: Data(json.utf8), source: "net.json")
    }
    #expect(
      error?.description.hasPrefix("net.json: \(problem)") == true, "\(String(describing: error))")
    #expect(error?.description.contains("\n") == false)
  }

  /// (input + 2P − K) / S + 1, rounded down.
  @Test(arguments: [
    (28, 3, 1, 1, 28), (28, 5, 1, 0, 24), (11, 3, 2, 0, 5), (12, 3, 2, 0, 5), (7, 7, 3, 0, 1),
    (5, 1, 3, 2, 3),
  ])
  func convolutionOutputSize(
    input: Int, kernelSize: Int, stride: Int, padding: Int, output: Int
  ) throws {
    let layer = Convolution(
      filters: 2, kernelSize: kernelSize, stride: stride, padding: padding)
    let layers = try Network([layer]).placedLayers(
      for: FeatureShape(channels: 3, height: input, width: input + stride))
    #expect(layers.map(\.output) == [FeatureShape(channels: 2, height: output, width: output + 1)])
  }

  private static let misfits: [(layers: [any Layer], message: String)] = [
    (
      [MaxPooling(5, stride: 1)],
      "layer 0 (maxPooling) does not fit its input of 1×4×4"
    ),
    (
      [Convolution(filters: 10, kernelSize: 1), GroupNormalization(groups: 4)],
      "layer 1 (groupNormalization) does not fit its input of 10×4×4: expected groups that divide its "
        + "10 channels, found 4"
    ),
    (
      [Flatten(), GroupNormalization(groups: 16)],
      "layer 1 (groupNormalization) does not fit its input of 16: expected groups of at least 2 values, "
        + "found 16 of 1"
    ),
    ([ReLU(), Dense(3)], "layer 1 (dense) does not fit its input of 1×4×4"),
    (
      [Flatten(), Convolution(filters: 1, kernelSize: 1, stride: 1, padding: 0)],
      "layer 1 (convolution) does not fit its input of 16"
    ),
    ([Dropout(rate: 1)], "layer 0 (dropout): expected rate from 0"),
    ([Dropout(rate: .nan)], "layer 0 (dropout): expected rate from 0"),
    ([LeakyReLU(slope: -1)], "layer 0 (leakyRelu): expected slope from 0"),
    ([MaxPooling(2, stride: 0)], "layer 0 (maxPooling): expected stride from 1"),
    (
      [Convolution(filters: 1, kernelSize: 1, stride: 1, padding: -1)],
      "layer 0 (convolution): expected padding from 0"
    ),
    (
      [Convolution(filters: 1 << 40, kernelSize: 1, stride: 1, padding: 0)],
      "layer 0 (convolution): expected filters from 1"
    ),
    (
      [Convolution(filters: 1 << 20, kernelSize: 4, stride: 1, padding: 1 << 20)],
      "layer 0 (convolution) does not fit"
    ),
    ([ReLU()], "the network's output: expected a vector"),
    ([], "the network's output: expected at least"),
  ]

  @Test(arguments: misfits)
  func refusesWhatDoesNotFit(layers: [any Layer], message: String) {
    let error = #expect(throws: NetworkError.self) {
      try Network(layers).outputShape(for: FeatureShape(channels: 1, height: 4, width: 4))
    }
    #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
  }

  @Test func dropoutGoesInFrontOfTheLastDenseLayer() throws {
    let small = Network(.small, classes: 10)
    let dropped = try #require(small.withDropout(rate: 0.3))
    let end: [any Layer] = [Dropout(rate: 0.3), Dense(10)]
    #expect(Network(Array(dropped.layers.suffix(2))) == Network(end))
    let again = try #require(dropped.withDropout(rate: 0.6))
    #expect(again.layers.compactMap { ($0 as? Dropout)?.rate } == [0.6])
    #expect(Network([Flatten()]).withDropout(rate: 0.3) == nil)
    // The last dense layer may be inside another layer.
    let inner = Network([
      Flatten(), Dense(9), Residual([Dense(9), ReLU()]), Softmax(),
    ])
    #expect(
      inner.withDropout(rate: 0.3)
        == Network([
          Flatten(), Dense(9), Residual([Dropout(rate: 0.3), Dense(9), ReLU()]),
          Softmax(),
        ]))
  }
}
