import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyStrictJSON
import ConvoyTraining
import Foundation

/// A network that other software trained, as a model file.
package struct ImportedModel: Sendable {
  package let file: ModelFile
  /// How tensors found their layers; nil if the graph says it.
  package let match: TensorMatch?

  /// What a file does not say.
  package struct Settings: Sendable {
    /// Nil for the graph's.
    package var architecture: Network?
    /// Of a sample; nil for the graph's.
    package var input: FeatureShape?
    /// Nil for bytes in a graph that Convoy wrote, and unit in others.
    package var pixels: PixelInput?
    /// By label; nil for those that the file says.
    package var classNames: [String]?
    /// What the network's tensors are called in the file; nil to find out.
    package var names: TensorNames?

    package init(
      architecture: Network? = nil, input: FeatureShape? = nil, pixels: PixelInput? = nil,
      classNames: [String]? = nil
    ) {
      self.classNames = classNames
      self.architecture = architecture
      self.input = input
      self.pixels = pixels
    }
  }

  /// Reads an ONNX graph.
  ///
  /// - Parameter path: of the file, for errors.
  /// - Throws: `ONNXError`, `NetworkError` or `ModelFileError`.
  package init(
    _ model: ONNXModel, _ settings: Settings, kernels: any KernelSet, path: String
  ) throws {
    let value = try GraphFlow.input(of: model.graph, path: path)
    let input = try Self.shape(of: value, settings.input, path: path)
    var flow = try GraphFlow(model.graph, path: path)
    var steps = try flow.steps()
    let isOwn = model.producer == "convoy"
    var metadata: [String: String] = [:]
    if isOwn {
      for property in model.metadata where ModelFile.dataKeys.contains(property.key) {
        metadata[property.key] = property.value
      }
    }
    let stated = InputNormalization.stated(
      metadata["normalization"], channels: input.channels)
    // A network of floats takes them as they are.
    let pixels: PixelInput = isOwn && stated?.areFloats != true ? .bytes : .unit
    var normalization = try InputNormalization(
      settings.pixels ?? pixels, channels: input.channels, path: path)
    try normalization.take(from: &steps, flow.constants, input, path: path)

    var batch: Int?
    if case .size(let size)? = value.shape?.first { batch = size }
    var builder = NetworkBuilder(
      constants: flow.constants, operatorSet: model.operatorSet, batch: batch, path: path)
    var layers = try builder.layers(of: steps, reading: input, hasMapAxes: true).layers

    let loss = metadata["loss"] ?? LossFunction.crossEntropy.rawValue
    // Cross-entropy includes the softmax: a single one need not be said.
    if loss == LossFunction.crossEntropy.rawValue, layers.last is Softmax,
      !(layers.dropLast().last is Softmax)
    {
      layers.removeLast()
    }
    metadata["loss"] = loss
    try self.init(
      builder.tensors, Network(layers), settings.architecture, input: input,
      normalization: try normalization.normalization(stated: stated, path: path),
      metadata: metadata, classNames: settings.classNames, names: settings.names, kernels: kernels,
      path: path)
  }

  /// Reads the tensors of a `state_dict`.
  ///
  /// - Throws: `NetworkError`, `ModelFileError` or `ONNXError`.
  package init(
    stateDict: [NamedTensor], architecture: Network, input: FeatureShape,
    pixels: PixelInput?, classNames: [String]? = nil, names: TensorNames? = nil,
    kernels: any KernelSet, path: String
  ) throws {
    let normalization = try InputNormalization(
      pixels ?? .unit, channels: input.channels, path: path)
    try self.init(
      stateDict, nil, architecture, input: input,
      normalization: try normalization.normalization(stated: nil, path: path),
      metadata: ["loss": LossFunction.crossEntropy.rawValue], classNames: classNames, names: names,
      kernels: kernels, path: path)
  }

  /// - Parameters:
  ///   - own: the architecture that the tensors have their names from.
  ///   - wanted: the architecture to match them with.
  private init(
    _ tensors: [NamedTensor], _ own: Network?, _ wanted: Network?, input: FeatureShape,
    normalization: Normalization, metadata: [String: String], classNames: [String]?,
    names: TensorNames?, kernels: any KernelSet, path: String
  ) throws {
    let loss = LossFunction(rawValue: metadata["loss"] ?? "")
    guard let architecture = wanted ?? own, loss != nil || metadata["ownLoss"] != nil else {
      throw ONNXError.unsupported(
        path: path, part: .graph, expected: "a known loss",
        found: quoted(metadata["loss"] ?? ""))
    }
    try architecture.validate(for: input, source: path)
    let plan = try NetworkPlan(architecture, input: input, loss: loss, kernels: kernels)
    let match = try TensorMatch(
      tensors, to: plan.tensors, by: names, isGraph: own != nil, path: path)
    self.match = wanted == nil ? nil : match
    var metadata = metadata
    metadata["architecture"] = try architecture.json()
    metadata["input"] = "[\(input.channels),\(input.height),\(input.width)]"
    metadata["normalization"] = String(
      decoding: try JSONEncoder().encode(normalization), as: UTF8.self)
    if let classNames {
      guard classNames.count == plan.classes else {
        throw ModelFileError.metadata(
          path: path, key: "classes", expected: "\(plan.classes) names, one for each output",
          found: "\(classNames.count)")
      }
      metadata["classes"] = String(
        decoding: try JSONEncoder().encode(classNames), as: UTF8.self)
    }
    file = try ModelFile(match.weights, metadata: metadata, path: path)
    if let names = file.classNames, names.count != plan.classes {
      throw ModelFileError.metadata(
        path: path, key: "classes", expected: "\(plan.classes) names, one for each output",
        found: "\(names.count)")
    }
  }

  /// The shape of a sample of a graph.
  ///
  /// - Parameter stated: for sizes that the graph leaves open.
  package static func input(
    of model: ONNXModel, or stated: FeatureShape?, path: String
  ) throws(ONNXError) -> FeatureShape {
    try shape(of: GraphFlow.input(of: model.graph, path: path), stated, path: path)
  }

  /// The shape of a sample: channels, height and width.
  private static func shape(
    of value: ONNXValue, _ wanted: FeatureShape?, path: String
  ) throws(ONNXError) -> FeatureShape {
    let known = wanted.map { [$0.channels, $0.height, $0.width] }
    func unsupported(_ expected: String, _ found: String) -> ONNXError {
      .unsupported(
        path: path, part: .graph, expected: "\(expected) of the input \(quoted(value.name))",
        found: found)
    }
    guard value.elementType == ElementTypes.float else {
      throw unsupported("elements of type float", ElementTypes.name(value.elementType))
    }
    let dimensions = value.shape ?? []
    guard dimensions.count == 4 || value.shape == nil && known != nil else {
      throw unsupported(
        "a batch, channels, height and width", "\(dimensions.count) dimensions")
    }
    var sizes = known ?? []
    for (index, dimension) in dimensions.dropFirst().enumerated() {
      let name = ["channels", "height", "width"][index]
      switch (dimension, known?[index]) {
      case (.size(let size), let wanted?) where size != wanted:
        throw unsupported("\(wanted) \(name)", "\(size)")
      case (.size(let size), _) where !(1...1 << 20).contains(size):
        throw unsupported("\(name) from 1 to \(1 << 20)", "\(size)")
      case (.size(let size), nil): sizes.append(size)
      case (_, nil): throw unsupported("a number for the \(name)", "none; give --input")
      default: break
      }
    }
    let (product, overflow) = sizes[0].multipliedReportingOverflow(by: sizes[1] * sizes[2])
    guard !overflow, product <= 1 << 31 else {
      throw unsupported("at most \(1 << 31) numbers", "\(sizes)")
    }
    return FeatureShape(channels: sizes[0], height: sizes[1], width: sizes[2])
  }
}

/// The formats of foreign files, told by their first bytes.
package enum ImportedFormat: Sendable {
  case onnx, safetensors

  /// - Throws: `FileError`, or `ONNXError` for what `torch.save` writes.
  package init(of path: String) throws {
    guard try FileContents.start(of: path, count: 2) != Array("PK".utf8) else {
      throw ONNXError.malformed(
        path: path, offset: 0, expected: "an ONNX or safetensors file",
        found: "an archive of torch.save; write its state_dict with safetensors.torch.save_file")
    }
    self = SafetensorsFile.isOne(path) ? .safetensors : .onnx
  }
}
