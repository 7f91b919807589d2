import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Foundation
import Testing

@testable import ConvoyONNX

struct ImportTests {
  private func imported(
    _ model: ONNXModel, _ settings: ImportedModel.Settings = ImportedModel.Settings()
  ) throws -> ImportedModel {
    try ImportedModel(model, settings, kernels: KernelDispatch.best, path: "net.onnx")
  }

  @Test(arguments: SampleNetwork.small, [ONNXModel.Output.logits, .probabilities])
  func whatWasExportedComesBack(_ network: SampleNetwork, _ output: ONNXModel.Output) throws {
    let file = try TrainedNetwork(network).file
    let model = try ONNXModel(file, giving: output, path: "")
    let decoded = try ONNXModel(decoding: model.encoded(), path: "net.onnx")
    #expect(decoded == model)
    let back = try imported(decoded).file
    #expect(back.architecture == network.architecture.inFile(network.loss))
    #expect(back.inputShape == file.inputShape)
    #expect(back.normalization == file.normalization)
    #expect(back.loss == file.loss)
    #expect(back.classNames == file.classNames)
    #expect(back.fit == file.fit)
    // Names follow the places of layers, of which some are left out.
    #expect(back.weights.tensors.map(\.values) == file.weights.tensors.map(\.values))
    #expect(back.weights.tensors.map(\.shape) == file.weights.tensors.map(\.shape))
  }

  @Test func aConcatenationOfOneBranchIsTheBranch() throws {
    let layers: [any Layer] = [
      Convolution(filters: 2, kernelSize: 1), Concatenation([[ReLU()]]), Flatten(), Dense(3),
    ]
    let network = SampleNetwork("one", layers, FeatureShape(channels: 1, height: 2, width: 2))
    let file = try TrainedNetwork(network).file
    let back = try imported(ONNXModel(file, giving: .logits, path: "")).file
    #expect(
      back.architecture.layers.map { type(of: $0).typeName } == [
        "convolution", "relu", "flatten", "dense",
      ])
    #expect(back.weights.tensors.map(\.values) == file.weights.tensors.map(\.values))
  }

  /// The graph of Fixtures/foreign.py, with onnxruntime's outputs.
  @Test func otherWaysToWriteAGraphAreRead() throws {
    struct Expected: Decodable {
      let pixels: [UInt8]
      let logits: [[Float]]
    }
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: fixtures.appending(path: "foreign.json")))
    let model = try ONNXModel(contentsOf: fixtures.appending(path: "foreign.onnx").path)
    let file = try imported(model).file
    #expect(
      file.architecture.layers.map { type(of: $0).typeName } == [
        "convolution", "relu", "hardSwish", "gelu", "batchNormalization", "maxPooling", "residual",
        "concatenate", "flatten", "dense", "scale", "dropout", "dense", "softmax", "dense",
      ])
    #expect(file.normalization.method == .standard)
    let plan = try NetworkPlan(
      file.architecture, input: file.inputShape, loss: file.loss, kernels: KernelDispatch.best)
    let parameters = ParameterMemory(plan)
    try file.weights.load(into: parameters, of: plan, path: "")
    let images = ImageSet(
      shape: ImageShape(channels: 2, height: 6, width: 5), pixels: expected.pixels,
      labels: Array(repeating: 0, count: expected.logits.count))
    let outputs = TrainedNetwork.outputs(plan, parameters, file.normalization, images)
    let scale = expected.logits.joined().map(abs).max() ?? 0
    for (found, expected) in zip(outputs.joined(), expected.logits.joined()) {
      // As Tests/ONNX/check.py finds for networks of this depth, tenfold.
      #expect(abs(found - expected) <= 1e-5 * scale)
    }
  }

  /// A model of one convolution and a dense layer.
  private func small() throws -> ONNXModel {
    let network = SampleNetwork(
      "small", [Convolution(filters: 2, kernelSize: 1), ReLU(), Flatten(), Dense(3)],
      FeatureShape(channels: 1, height: 2, width: 2))
    return try ONNXModel(TrainedNetwork(network).file, giving: .logits, path: "")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let words: [String]
    let change: @Sendable (inout ONNXGraph) -> Void

    var testDescription: String { name }
  }

  /// Nodes: 0 Sub, 1 Div, 2 Conv, 3 Relu, 4 Flatten, 5 Gemm.
  static let refusals: [Refusal] = [
    Refusal(name: "operator", words: ["node '1' (Foo)", "has a layer for, found 'Foo'"]) {
      $0.nodes[3].operation = "Foo"
    },
    Refusal(
      name: "limits", words: ["node '1' (Clip)", "limits 0 and 6 (ReLU6), or 0 alone, found "]
    ) {
      $0.nodes[3].operation = "Clip"
    },
    Refusal(name: "domain", words: ["node '1' (Relu)", "the domain 'com.me'"]) {
      $0.nodes[3].domain = "com.me"
    },
    Refusal(name: "side file", words: ["tensor '0.weight'", "in the file itself"]) { graph in
      for index in graph.initializers.indices where graph.initializers[index].name == "0.weight" {
        graph.initializers[index].elements = .external(ExternalTensor())
      }
    },
    Refusal(name: "half precision", words: ["tensor '3.bias'", "float, found float16"]) { graph in
      for index in graph.initializers.indices where graph.initializers[index].name == "3.bias" {
        graph.initializers[index].elements = .other(10)
      }
    },
    Refusal(name: "no tensor", words: ["node '0' (Conv)", "'nothing'"]) {
      $0.nodes[2].inputs[1] = "nothing"
    },
    Refusal(name: "no value", words: ["node '0' (Conv)", "found 'nothing'"]) {
      $0.nodes[2].inputs[0] = "nothing"
    },
    Refusal(name: "matrix", words: ["node 'logits' (Gemm)", "a matrix for 8 inputs"]) { graph in
      graph.nodes[5].name = ""
      graph.nodes[5].attributes = []
    },
    Refusal(name: "flatten", words: ["node '2' (Flatten)", "axis 1, found 2"]) {
      $0.nodes[4].attributes = [.init(name: "axis", value: .integer(2))]
    },
    Refusal(name: "no vector", words: ["node '3' (Gemm)", "needs a vector"]) {
      $0.nodes[4].operation = "Identity"
    },
    Refusal(name: "two ways", words: ["node '0' (Conv)", "a part of several branches"]) { graph in
      // x + f(x) and f(x) do not meet as branches.
      graph.nodes[3] = ONNXNode(
        operation: "Add", name: "sum", inputs: ["normalization", "0"], outputs: ["sum"])
      graph.nodes.insert(
        ONNXNode(operation: "Concat", name: "all", inputs: ["sum", "0"], outputs: ["1"]), at: 4)
    },
    Refusal(name: "no join", words: ["node 'max' (Max)", "meet in Add or Concat"]) { graph in
      graph.nodes[3] = ONNXNode(
        operation: "Max", name: "max", inputs: ["normalization", "0"], outputs: ["1"])
    },
    Refusal(name: "negation", words: ["node 'minus' (Sub)"]) { graph in
      graph.initializers.append(ONNXTensor(name: "zero", shape: [], elements: .floats([0])))
      graph.nodes[3] = ONNXNode(
        operation: "Sub", name: "minus", inputs: ["zero", "0"], outputs: ["1"])
    },
    Refusal(name: "growth", words: ["node 'grow' (Add)", "a tensor of shape"]) { graph in
      // Added to two maps of 2×2, these zeros make a second image.
      graph.initializers.append(
        ONNXTensor(
          name: "zeros", shape: [2, 2, 2, 2], elements: .floats(Array(repeating: 0, count: 16))))
      graph.nodes[3] = ONNXNode(
        operation: "Add", name: "grow", inputs: ["0", "zeros"], outputs: ["1"])
    },
    Refusal(name: "pooled softmax", words: ["(Softmax)", "over channels, found axis -1"]) { graph in
      graph.nodes[3] = ONNXNode(
        operation: "GlobalAveragePool", name: "", inputs: ["0"], outputs: ["pooled"])
      graph.nodes.insert(
        ONNXNode(
          operation: "Softmax", name: "", inputs: ["pooled"], outputs: ["1"],
          attributes: [.init(name: "axis", value: .integer(-1))]), at: 4)
    },
    Refusal(name: "rectified", words: ["(Softmax)", "over channels, found axis -1"]) { graph in
      graph.nodes[3] = ONNXNode(
        operation: "GlobalAveragePool", name: "", inputs: ["0"], outputs: ["pooled"])
      graph.nodes.insert(
        contentsOf: [
          ONNXNode(operation: "Relu", name: "", inputs: ["pooled"], outputs: ["rectified"]),
          ONNXNode(operation: "Softmax", name: "", inputs: ["rectified"], outputs: ["1"]),
        ], at: 4)
    },
    Refusal(name: "outputs", words: ["graph: expected one output, found 2"]) {
      $0.outputs.append($0.outputs[0])
    },
    Refusal(name: "inputs", words: ["graph: expected one input, found 2"]) {
      $0.inputs.append(ONNXValue(name: "other"))
    },
    Refusal(name: "open size", words: ["a number for the height", "--input"]) {
      $0.inputs[0].shape?[2] = .symbol("h")
    },
    Refusal(name: "pads", words: ["node '0' (Conv)", "pads [0, 0, 0, 7]"]) { graph in
      graph.nodes[2].attributes = [.init(name: "pads", value: .integers([0, 0, 0, 7]))]
    },
    Refusal(name: "normalization", words: ["means from 0 to 1", "--normalization"]) { graph in
      graph.nodes[0].operation = "Add"
    },
  ]

  @Test(arguments: Self.refusals)
  func whatHasNoNetworkIsNamed(_ refusal: Refusal) throws {
    var model = try small()
    _ = try imported(model)
    refusal.change(&model.graph)
    let error = #expect(throws: ONNXError.self) { try imported(model) }
    for word in refusal.words {
      #expect(error.map { "\($0)" }?.contains(word) == true, "'\(word)' in: \(error as Any)")
    }
  }

  /// Before operator set 11, the limits of a Clip are attributes.
  @Test func aClipWithoutAnUpperLimitIsAReLU() throws {
    var model = try small()
    let before = try imported(model).file.architecture
    model.graph.nodes[3].operation = "Clip"
    model.graph.nodes[3].attributes = [.init(name: "min", value: .float(0))]
    #expect(try imported(model).file.architecture == before)
    model.graph.nodes[3].attributes[0] = .init(name: "max", value: .float(6))
    let error = #expect(throws: ONNXError.self) { try imported(model) }
    #expect(error.map { "\($0)" }?.contains("found none and 6.0") == true, "\(error as Any)")
  }

  /// The loss has one softmax in it; another is a layer.
  @Test func aSecondSoftmaxIsKept() throws {
    var model = try small()
    let output = model.graph.outputs[0].name
    for (input, result) in [(output, "once"), ("once", "twice")] {
      model.graph.nodes.append(
        ONNXNode(operation: "Softmax", name: "", inputs: [input], outputs: [result]))
      model.graph.outputs[0].name = result
      let layers = try imported(model).file.architecture.layers
      #expect(layers.count { $0 is Softmax } == (result == "once" ? 0 : 2))
    }
  }

  /// Pooled maps are vectors once their axes of rows and columns are gone, whose last axis is that of
  /// channels: the default since operator set 13.
  @Test(arguments: [
    [ONNXNode(operation: "GlobalAveragePool", name: "", inputs: ["0"], outputs: ["pooled"])],
    [
      ONNXNode(operation: "GlobalMaxPool", name: "", inputs: ["0"], outputs: ["maxima"]),
      ONNXNode(operation: "Relu", name: "", inputs: ["maxima"], outputs: ["pooled"]),
    ],
    [
      ONNXNode(
        operation: "ReduceMean", name: "", inputs: ["0"], outputs: ["vector"],
        attributes: [
          .init(name: "axes", value: .integers([2, 3])),
          .init(name: "keepdims", value: .integer(0)),
        ])
    ],
  ])
  func softmaxOfPooledVectors(pooling: [ONNXNode]) throws {
    var model = try small()
    let flatten = ONNXNode(
      operation: "Flatten", name: "", inputs: ["pooled"], outputs: ["vector"])
    let softmax = ONNXNode(
      operation: "Softmax", name: "", inputs: ["vector"], outputs: ["result"])
    model.graph.nodes =
      model.graph.nodes[..<3] + pooling
      + (pooling.last?.outputs == ["vector"] ? [] : [flatten]) + [softmax]
    model.graph.outputs[0].name = "result"
    model.metadata = []
    // The loss includes the softmax.
    let layers = try imported(model).file.architecture.layers
    #expect(layers.count == 1 + pooling.count)
    #expect(layers[1] is GlobalAveragePooling || layers[1] is GlobalMaxPooling)
  }

  @Test func sizesThatAFileLeavesOpenAreGiven() throws {
    var model = try small()
    let before = try imported(model).file
    model.graph.inputs[0].shape = [.symbol("n"), .size(1), .symbol("h"), .unknown]
    let shape = FeatureShape(channels: 1, height: 2, width: 2)
    let file = try imported(model, .init(input: shape)).file
    #expect(file.inputShape == shape && file.weights == before.weights)
    // As many numbers, and channels as the convolution has them.
    let other = FeatureShape(channels: 1, height: 4, width: 1)
    #expect(throws: ONNXError.self) { try imported(small(), .init(input: other)) }
  }

  @Test func pixelsAreWhatTheyAreSaidToBe() throws {
    var model = try small()
    model.producer = "another"
    // The graph's Sub and Div are of bytes.
    #expect(throws: ONNXError.self) { try imported(model) }
    let found = try imported(model, .init(pixels: .bytes)).file.normalization
    model.graph.nodes.removeFirst(2)
    model.graph.nodes[0].inputs[0] = "input"
    #expect(try imported(model).file.normalization.method == .unit)
    let given = try imported(
      model, .init(pixels: .standard(means: found.means, deviations: found.deviations)))
    // Two divisions each, in double precision.
    #expect(abs(given.file.normalization.means[0] - found.means[0]) < 1e-15)
    #expect(abs(given.file.normalization.deviations[0] - found.deviations[0]) < 1e-15)
    #expect(throws: ONNXError.self) {
      try imported(model, .init(pixels: .standard(means: [0, 0], deviations: [1, 1])))
    }
  }
}

extension Network {
  /// The layers that a graph tells of.
  fileprivate func inFile(_ loss: LossFunction) -> Network {
    var layers = Self.inFile(layers, isFlat: false)
    if loss == .crossEntropy, layers.last is Softmax { layers.removeLast() }
    return Network(layers)
  }

  private static func inFile(_ layers: [any Layer], isFlat: Bool) -> [any Layer] {
    var isFlat = isFlat
    return layers.compactMap { layer in
      defer {
        if layer is Flatten || layer is GlobalAveragePooling || layer is GlobalMaxPooling {
          isFlat = true
        }
      }
      switch layer {
      case is Identity, is Dropout: return nil
      case is Flatten where isFlat: return nil
      case let layer as Convolution where layer.padding == .same:
        let total = Pair(
          (layer.kernelSize.rows - 1) * layer.dilation.rows,
          (layer.kernelSize.columns - 1) * layer.dilation.columns)
        guard total.rows.isMultiple(of: 2), total.columns.isMultiple(of: 2) else { return layer }
        return Convolution(
          filters: layer.filters, kernelSize: layer.kernelSize,
          padding: .zeros(Pair(total.rows / 2, total.columns / 2)), dilation: layer.dilation,
          groups: layer.groups, bias: layer.hasBias)
      case let layer as BatchNormalization:
        return BatchNormalization(
          momentum: layer.momentum, epsilon: layer.epsilon, hasScale: layer.hasScale,
          hasShift: layer.hasShift)
      default: return layer.replacingBranches { inFile($0.layers, isFlat: isFlat) }
      }
    }
  }
}
