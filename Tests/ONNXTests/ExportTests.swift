import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Foundation
import Testing

@testable import ConvoyONNX

struct ExportTests {
  /// The model of Fixtures/tiny.py.
  @Test func theBytesAreThoseOfONNXsOwnLibrary() throws {
    let layers: [any Layer] = [
      Convolution(
        filters: 1, kernelSize: Pair(1, 2), padding: .zeros(Pair(0, 1))),
      LeakyReLU(slope: 0.25), Flatten(), Dense(2, bias: false),
    ]
    let weights: [(String, [Int], [Float])] = [
      ("0.weight", [1, 1, 1, 2], [1.5, -2]), ("0.bias", [1], [0.125]),
      ("3.weight", [2, 3], [1, 2, 3, -4, -5, -6]),
    ]
    let file = try ModelFile(
      WeightTensors(tensors: weights.map { NamedTensor(name: $0.0, shape: $0.1, values: $0.2) }),
      metadata: [
        "architecture": Network(layers).json(), "input": "[1,1,2]", "loss": "cross-entropy",
        "normalization": #"{"deviations":[1],"means":[0],"method":"unit"}"#,
      ], path: "tiny")
    let model = try ONNXModel(file, giving: .probabilities, path: "tiny")
    let fixture = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/tiny.onnx")
    #expect(Data(model.encoded()) == (try Data(contentsOf: fixture)))
  }

  @Test func everyLayerIsInANetworkHere() {
    func types(_ layers: [any Layer]) -> Set<String> {
      layers.reduce(into: []) { names, layer in
        names.insert(type(of: layer).typeName)
        for branch in layer.branches { names.formUnion(types(branch.layers)) }
      }
    }
    #expect(
      types(SampleNetwork.small.flatMap(\.architecture.layers))
        == Set(LayerTypes.all.map { $0.typeName })
    )
  }

  @Test(arguments: SampleNetwork.small)
  func outputsAreNamedAfterWhatTheyAre(_ network: SampleNetwork) throws {
    let file = try TrainedNetwork(network).file
    let (probabilities, logits) = (
      try ONNXModel(file, giving: .probabilities, path: "").graph,
      try ONNXModel(file, giving: .logits, path: "").graph
    )
    #expect(logits.outputs.map(\.name) == ["logits"])
    if network.loss == .crossEntropy {
      #expect(probabilities.outputs.map(\.name) == ["probabilities"])
      #expect(probabilities.nodes.dropLast().count == logits.nodes.count)
      #expect(probabilities.nodes.last?.operation == "Softmax")
    } else {
      #expect(probabilities == logits)
    }
  }

  @Test func aWeightThatIsMissingIsNamed() throws {
    let file = try TrainedNetwork(SampleNetwork.small[0]).file
    let rest = WeightTensors(tensors: file.weights.tensors.filter { $0.name != "1.weight" })
    let other = try ModelFile(
      rest,
      metadata: file.metadata().merging(
        ["architecture": SampleNetwork.small[0].architecture.json()]) { $1 }, path: "model")
    #expect(
      throws: ModelFileError.tensor(
        path: "model", name: "1.weight", expected: "48 numbers", found: "none")
    ) { try ONNXModel(other, giving: .logits, path: "model") }
  }

  /// The files that Tests/ONNX/check.py runs with onnxruntime, with Convoy's outputs.
  @Test(.enabled(if: Self.folder != nil), arguments: SampleNetwork.small + SampleNetwork.presets)
  func filesForAnotherRuntime(_ network: SampleNetwork) throws {
    let folder = try #require(Self.folder)
    let trained = try TrainedNetwork(network)
    for (output, name) in [(ONNXModel.Output.probabilities, ""), (.logits, ".logits")] {
      try ONNXModel(trained.file, giving: output, path: "")
        .write(to: "\(folder)/\(network.name)\(name).onnx")
    }
    let input = network.input
    let expected = Expected(
      shape: [trained.images.count, input.height, input.width, input.channels],
      pixels: trained.images.pixels.map { Int($0) }, logits: trained.outputs(),
      isSoftmaxLeft: network.loss == .crossEntropy)
    try JSONEncoder().encode(expected).write(to: URL(filePath: "\(folder)/\(network.name).json"))
  }

  private static let folder = ProcessInfo.processInfo.environment["CONVOY_ONNX_FOLDER"]

  private struct Expected: Encodable {
    /// Of the pixels: channels last.
    let shape: [Int]
    let pixels: [Int]
    let logits: [[Float]]
    /// Whether probabilities are the softmax of the logits.
    let isSoftmaxLeft: Bool
  }
}
