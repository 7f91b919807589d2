import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoySafetensors
import ConvoyTestSupport
import ConvoyTraining
import Foundation

/// Model files, up to the network with its weights.
struct ModelReader: FuzzedReader {
  private static let name = "model.safetensors"

  static var seeds: [[UInt8]] {
    get throws {
      try [
        model(
          [
            Convolution(filters: 3, kernelSize: 3, stride: 2, padding: 1), ReLU(),
            MaxPooling(2, stride: 2), Flatten(), Dense(2),
          ], channels: 2, .standard),
        model([Flatten(), Dense(3), Softmax()], channels: 1, .unit),
      ]
    }
  }
  static let words =
    SafetensorsReader.words + ArchitectureReader.words + [
      "\"input\":", "\"loss\":", "\"normalization\":", "\"architecture\":", "[1,8,8]", "hinge",
      "cross-entropy", "\\\"layers\\\":", "\\\"means\\\":", "1048576", "0.bias",
    ]

  private let directory: TemporaryDirectory
  private let trial = SmallTrial()

  init() throws { directory = try TemporaryDirectory() }

  static func isRefusal(_ error: any Error) -> Bool {
    error is SafetensorsError || error is ModelFileError || error is NetworkError
      || error is MemoryError
  }

  /// Now the file, now its header, now one of its texts is spoilt.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    switch mutator.generator.integer(in: 0...3) {
    case 0: return mutator.mutant(of: file)
    case 1: return SafetensorsReader.withMutatedHeader(file, &mutator)
    default:
      var contents = try SafetensorsFile(decoding: Data(file), path: name)
      let key = mutator.generator.pick(contents.metadata.keys.sorted())
      let text = Array((contents.metadata[key] ?? "").utf8)
      contents.metadata[key] = String(decoding: mutator.mutant(of: text), as: UTF8.self)
      return [UInt8](contents.encoded())
    }
  }

  func read(_ file: [UInt8]) throws {
    let path = directory.path(of: Self.name)
    try file.write(to: path)
    let model = try ModelFile(contentsOf: path)
    let plan = try trial.run(model.architecture, input: model.inputShape, loss: model.loss)
    let parameters = ParameterMemory(plan)
    try model.weights.load(into: parameters, of: plan, path: path)
    let loaded = WeightTensors(plan, parameters).tensors.sorted { $0.name < $1.name }
    try Violation.require(
      loaded == model.weights.tensors.sorted { $0.name < $1.name }, "weights are not the file's")
    try Violation.require(
      model.normalization.means.count == model.inputShape.channels
        && model.normalization.deviations.allSatisfy { $0 >= 1e-6 && $0 <= 1 },
      "the normalization \(model.normalization)")
  }

  /// A model file as training writes it.
  private static func model(
    _ layers: [any Layer], channels: Int, _ method: Normalization.Method
  ) throws -> [UInt8] {
    let shape = ImageShape(channels: channels, height: 8, width: 8)
    let images = ImageSet(
      shape: shape, pixels: (0..<shape.pixelCount).map { UInt8(truncatingIfNeeded: $0 * 3) },
      labels: [0])
    let kernels = KernelDispatch.best
    let plan = try NetworkPlan(
      Network(layers), input: images.featureShape, loss: .crossEntropy, kernels: kernels)
    let parameters = ParameterMemory(plan)
    plan.initialize(parameters, Initialization(), seed: 5)
    let directory = try TemporaryDirectory()
    let path = directory.path(of: name)
    try ModelFile(
      plan, parameters, normalization: Normalization(method, for: images, kernels: kernels)
    ).write(to: path)
    return [UInt8](try Data(contentsOf: URL(filePath: path)))
  }
}
