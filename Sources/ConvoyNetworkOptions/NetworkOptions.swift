import ConvoyCommandLineOptions
import ConvoyFileAccess
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoySafetensors
import Foundation

/// The options of all commands for network, data and processor.
package enum NetworkOptions {
  package static let presets = Network.Preset.allCases.map(\.rawValue)

  package static let model = OptionDescription.value(
    "model", "model",
    help: "A preset (\(presets.joined(separator: ", "))), a JSON file with an architecture, or a "
      + "model file, whose network it is.",
    default: "small for samples of 1×28×28, compact for others", suggestions: presets)
  package static let data = OptionDescription.value(
    "data", "path",
    help:
      "The data set: a directory with files of MNIST, CIFAR, NumPy or CSV, one such file, a folder of "
      + "pictures with a folder per class, or a file that prepare made of it.",
    default: defaultData)
  package static let threads = OptionDescription.value(
    "threads", "count", help: "Worker threads; results do not depend on it.",
    default: "the cores this process may use")
  package static let instructionSet = OptionDescription.choice(
    "instruction-set", of: InstructionSet.self,
    help: "Use the kernels of this instruction set, not those of the processor's best.")
  package static let precision = OptionDescription.choice(
    "precision", of: Precision.self,
    help:
      "With bf16, convolutions of 3×3 and 5×5 kernels multiply numbers of 16 bits in training, where Winograd's "
      + "algorithm makes them: faster on AMD's Zen 5, the same bits with AVX2 and AVX-512.",
    default: .fp32)

  package static let defaultData = "data/mnist"

  /// The preset for samples of a shape, where no `--model` is given.
  package static func defaultModel(for input: FeatureShape) -> String {
    let preset: Network.Preset =
      input == FeatureShape(channels: 1, height: 28, width: 28) ? .small : .compact
    return preset.rawValue
  }

  package static func data(_ options: ParsedOptions) -> String {
    options.string("data") ?? defaultData
  }

  package static func threads(
    _ options: ParsedOptions, default threads: Int = AvailableCores.count
  ) throws(UsageError) -> Int {
    try options.integer("threads", atLeast: 1) ?? threads
  }

  /// The best kernels of this processor, where results do not depend on them.
  package static var anyKernels: any KernelSet { KernelDispatch.best }

  /// - Parameter fusing: whether the kernels must use fused multiply-adds, which affect the bits of
  ///   results; nil if either will do.
  package static func kernels(
    _ options: ParsedOptions, fusingMultiplyAdd fusing: Bool? = nil
  ) throws(UsageError) -> any KernelSet {
    func suits(_ set: InstructionSet) -> Bool { fusing.map { $0 == set.fusesMultiplyAdd } ?? true }
    let suitable = KernelDispatch.available.filter(suits)
    let wanted = try options.choice("instruction-set", of: InstructionSet.self)
    if let set = wanted ?? suitable.last, suits(set), let kernels = KernelDispatch.kernels(for: set)
    {
      return kernels
    }
    let names = suitable.map(\.rawValue).joined(separator: ", ")
    let made =
      fusing.map {
        ", and that rounds as the run did, \($0 ? "with" : "without") fused "
          + "multiply-add"
      } ?? ""
    throw .invalidValue(
      option: "--instruction-set", expected: "one that this processor has\(made) (\(names))",
      found: (wanted ?? KernelDispatch.best.instructionSet).rawValue, suggestion: nil)
  }

  package static func precision(_ options: ParsedOptions) throws(UsageError) -> Precision {
    try options.choice("precision", of: Precision.self) ?? .fp32
  }

  /// The shape of a sample given by `--input`, such as 3x32x32.
  package static func input(_ options: ParsedOptions) throws(UsageError) -> FeatureShape? {
    guard let text = options.string("input") else { return nil }
    let sizes = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard sizes.count == 3, sizes.allSatisfy({ (1...65_536).contains($0) }) else {
      throw .invalidValue(
        option: "--input", expected: "channels, height and width as 3x32x32", found: text,
        suggestion: nil)
    }
    return FeatureShape(channels: sizes[0], height: sizes[1], width: sizes[2])
  }

  /// The preset or file that `--model` names, checked against the shape of a sample.
  ///
  /// - Parameter classes: outputs of the last layer of a preset, or of a model file's network.
  package static func architecture(
    _ options: ParsedOptions, input: FeatureShape, classes: Int?
  ) throws -> Network {
    try architecture(
      named: options.string("model") ?? defaultModel(for: input), input: input,
      classes: classes)
  }

  /// - Parameters:
  ///   - name: of a preset or of a file.
  ///   - classes: outputs of the last layer of a preset, or of a model file's network; nil for those
  ///     of the model file.
  package static func architecture(
    named name: String, input: FeatureShape, classes: Int?
  ) throws -> Network {
    if let file = try modelFile(name) {
      let network = classes.map(file.network.withOutputs) ?? file.network
      try network.validate(for: input, source: name)
      return network
    }
    if let preset = Network.Preset(rawValue: name) {
      let architecture = Network(preset, classes: classes ?? 10, channels: input.channels)
      try architecture.validate(for: input, source: "--model \(name)")
      return architecture
    }
    try checkName(name)
    if name.hasSuffix(".onnx"), FileManager.default.fileExists(atPath: name) {
      throw NetworkToImport(path: name)
    }
    let architecture = try Network(
      json: FileContents.read(name, limit: Network.largestText), source: name)
    try architecture.validate(for: input, source: name)
    return architecture
  }

  /// Throws if a name can be neither that of a preset nor of a file.
  package static func checkName(_ name: String) throws(UsageError) {
    guard
      Network.Preset(rawValue: name) != nil || name.hasSuffix(".json") || name.contains("/")
        || FileManager.default.fileExists(atPath: name)
    else {
      throw .notAmong(
        presets, or: "a JSON or model file that is there", option: "--model", found: name)
    }
  }

  /// The network of a model file, and the shape of its samples; nil if the file is none.
  package static func modelFile(
    _ name: String
  ) throws -> (network: Network, input: FeatureShape?)? {
    guard Network.Preset(rawValue: name) == nil, SafetensorsFile.isOne(name) else { return nil }
    let metadata = try unsafe SafetensorsFile(contentsOf: name).metadata
    guard let json = metadata["architecture"] else {
      throw ModelWithoutNetwork(path: name)
    }
    let network = try Network(json: Data(json.utf8), source: name)
    let sizes = metadata["input"]?.split { !$0.isNumber }.compactMap { Int($0) } ?? []
    let isShape = sizes.count == 3 && sizes.allSatisfy { (1...65_536).contains($0) }
    return (
      network,
      isShape ? FeatureShape(channels: sizes[0], height: sizes[1], width: sizes[2]) : nil
    )
  }

  private struct NetworkToImport: Error, CustomStringConvertible {
    let path: String
    var description: String {
      "\(path): expected a preset, a JSON file or a model file, found the name of an ONNX file; convoy import "
        + "makes a model file of it"
    }
  }

  /// A safetensors file that says nothing of a network, such as a `state_dict`.
  private struct ModelWithoutNetwork: Error, CustomStringConvertible {
    let path: String

    var description: String {
      "\(path): expected a model file that train or import wrote, or a JSON file, found tensors alone"
    }
  }
}
