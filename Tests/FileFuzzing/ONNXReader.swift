import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyONNX
import ConvoyProcessLimits
import ConvoySafetensors
import ConvoyTestSupport
import ConvoyTraining
import Foundation

/// ONNX files, up to the network with its weights, and back to a file.
struct ONNXReader: FuzzedReader {
  private static let name = "net.onnx"

  static var seeds: [[UInt8]] {
    get throws {
      let foreign = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../ONNXTests/Fixtures/foreign.onnx")
      return try [
        exported(
          [
            Convolution(filters: 2, kernelSize: 3, stride: 2, padding: 1), BatchNormalization(),
            Residual([GroupNormalization(groups: 1), SiLU()]), MaxPooling(2),
            Concatenation([[], [PReLU(), GELU()]]), GlobalAveragePooling(), Dense(2),
          ], channels: 2),
        exported([Flatten(), Dense(3), HardSwish(), Softmax()], channels: 1),
        [UInt8](Data(contentsOf: foreign)),
      ]
    }
  }
  static let words = [
    "Conv", "Gemm", "MatMul", "Reshape", "Flatten", "Constant", "Identity", "Shape", "Dropout",
    "Squeeze", "ReduceMean", "GroupNormalization", "axis", "axes", "pads", "strides", "group",
    "auto_pad", "SAME_UPPER", "ceil_mode", "input", "0.weight", "convoy", "normalization",
  ]

  private let trial = SmallTrial()

  init() throws {}

  static func isRefusal(_ error: any Error) -> Bool {
    error is ONNXError || error is ModelFileError || error is NetworkError
      || error is MemoryError
  }

  /// Now the bytes, now the graph is spoilt, in a file whose lengths are right.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    guard mutator.generator.chance(of: 0.6) else { return mutator.mutant(of: file) }
    var model = try ONNXModel(decoding: file, path: name)
    for _ in 0...mutator.generator.integer(in: 0...2) {
      let node = mutator.generator.integer(in: 0...model.graph.nodes.count - 1)
      let other = mutator.generator.integer(in: 0...model.graph.nodes.count - 1)
      let names = model.graph.nodes.flatMap(\.outputs) + model.graph.initializers.map(\.name)
      switch mutator.generator.integer(in: 0...8) {
      case 0: model.graph.nodes[node].operation = model.graph.nodes[other].operation
      case 1: model.graph.nodes[node].operation = mutator.generator.pick(words)
      case 2: model.graph.nodes[node].attributes = model.graph.nodes[other].attributes
      case 3: model.graph.nodes[node].inputs.append(mutator.generator.pick(names))
      case 4:
        for input in model.graph.nodes[node].inputs.indices
        where mutator.generator.chance(of: 0.5) {
          model.graph.nodes[node].inputs[input] = mutator.generator.pick(names)
        }
      case 5: if model.graph.nodes.count > 1 { model.graph.nodes.remove(at: node) }
      case 6: model.graph.nodes.swapAt(node, other)
      case 7:
        let tensor = mutator.generator.integer(in: 0...model.graph.initializers.count - 1)
        model.graph.initializers[tensor].shape.shuffle(using: &mutator.generator)
      default:
        let size = mutator.generator.pick([0, 1, 2, 7, 1 << 16, 1 << 20, .max, .min, -1])
        model.graph.inputs[0].shape?[mutator.generator.integer(in: 0...3)] = .size(size)
      }
    }
    return model.encoded()
  }

  func read(_ file: [UInt8]) throws {
    let model = try ONNXModel(decoding: file, path: Self.name)
    let imported = try ImportedModel(
      model, ImportedModel.Settings(), kernels: KernelDispatch.best, path: Self.name
    ).file
    try trial.run(imported.architecture, input: imported.inputShape, loss: imported.loss)
    let encoded = try ONNXModel(imported, giving: .logits, path: Self.name).encoded()
    let again: ModelFile
    do {
      again = try ImportedModel(
        ONNXModel(decoding: encoded, path: Self.name), ImportedModel.Settings(),
        kernels: KernelDispatch.best, path: Self.name
      ).file
    } catch {
      throw Violation("what was imported cannot be exported and imported again: \(error)")
    }
    // Places of layers may change: dropout is left out.
    try Violation.require(
      again.weights.tensors.map(\.values) == imported.weights.tensors.map(\.values),
      "weights change on the way out and in")
    try Violation.require(again.inputShape == imported.inputShape, "the input changes")
  }

  private static func exported(_ layers: [any Layer], channels: Int) throws -> [UInt8] {
    let shape = ImageShape(channels: channels, height: 8, width: 8)
    let images = ImageSet(
      shape: shape, pixels: (0..<shape.pixelCount).map { UInt8(truncatingIfNeeded: $0 * 3) },
      labels: [0])
    let kernels = KernelDispatch.best
    let plan = try NetworkPlan(
      Network(layers), input: images.featureShape, loss: .crossEntropy, kernels: kernels)
    let parameters = ParameterMemory(plan)
    plan.initialize(parameters, Initialization(), seed: 5)
    let file = ModelFile(
      plan, parameters, normalization: Normalization(.standard, for: images, kernels: kernels))
    return try ONNXModel(file, giving: .probabilities, path: name).encoded()
  }
}
