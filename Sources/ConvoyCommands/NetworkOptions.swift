import CPUFeatures
import CommandLineOptions
import FileAccess
import Foundation
import KernelDispatch
import KernelInterface
import NeuralNetwork

/// The options by which commands name a network, data and processor.
enum NetworkOptions {
  static let presets = Architecture.Preset.allCases.map(\.rawValue)

  static let model = OptionDescription.value(
    "model", "model",
    help: "A preset (\(presets.joined(separator: ", "))) or a JSON file with an architecture.",
    default: defaultModel)
  static let data = OptionDescription.value(
    "data", "directory",
    help: "The data set: IDX files as MNIST's, gzipped or not, or CIFAR-10's binary version.",
    default: defaultData)
  static let threads = OptionDescription.value(
    "threads", "count", help: "Worker threads; results do not depend on it.",
    default: "the cores this process may use")
  static let instructionSet = OptionDescription.choice(
    "instruction-set", of: InstructionSet.self,
    help: "Use the kernels of this instruction set, not those of the processor's best.")

  static let defaultModel = Architecture.Preset.small.rawValue
  static let defaultData = "data/mnist"

  static func data(_ options: ParsedOptions) -> String { options.string("data") ?? defaultData }

  static func threads(_ options: ParsedOptions) throws(UsageError) -> Int {
    try options.integer("threads", atLeast: 1) ?? Int(convoy_available_cores())
  }

  /// - Parameter fusing: if it matters, whether products are to be added without rounding, on which
  ///   bits depend.
  static func kernels(
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

  /// The preset or file that `--model` names, fit for samples of the given shape.
  ///
  /// - Parameter classes: outputs of a preset's last layer.
  static func architecture(
    _ options: ParsedOptions, input: FeatureShape, classes: Int
  ) throws -> Architecture {
    let name = options.string("model") ?? defaultModel
    if let preset = Architecture.Preset(rawValue: name) {
      let architecture = Architecture(preset, classes: classes)
      try architecture.validate(for: input, source: "--model \(name)")
      return architecture
    }
    guard
      name.hasSuffix(".json") || name.contains("/") || FileManager.default.fileExists(atPath: name)
    else {
      throw UsageError.notAmong(presets, or: "a JSON file", option: "--model", found: name)
    }
    let architecture = try Architecture(
      json: FileContents.read(name, limit: Architecture.largestText), source: name)
    try architecture.validate(for: input, source: name)
    return architecture
  }
}
