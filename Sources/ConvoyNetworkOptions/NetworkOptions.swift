import ConvoyCommandLineOptions
import ConvoyFileAccess
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import Foundation

/// The options of all commands for network, data and processor.
package enum NetworkOptions {
  package static let presets = Network.Preset.allCases.map(\.rawValue)

  package static let model = OptionDescription.value(
    "model", "model",
    help: "A preset (\(presets.joined(separator: ", "))) or a JSON file with an architecture.",
    default: "small for samples of 1×28×28, compact for others")
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

  package static func threads(_ options: ParsedOptions) throws(UsageError) -> Int {
    try options.integer("threads", atLeast: 1) ?? AvailableCores.count
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
  /// - Parameter classes: outputs of a preset's last layer.
  package static func architecture(
    _ options: ParsedOptions, input: FeatureShape, classes: Int
  ) throws -> Network {
    try architecture(
      named: options.string("model") ?? defaultModel(for: input), input: input,
      classes: classes)
  }

  /// - Parameter name: of a preset or of a file.
  package static func architecture(
    named name: String, input: FeatureShape, classes: Int
  ) throws -> Network {
    if let preset = Network.Preset(rawValue: name) {
      let architecture = Network(preset, classes: classes, channels: input.channels)
      try architecture.validate(for: input, source: "--model \(name)")
      return architecture
    }
    guard
      name.hasSuffix(".json") || name.contains("/") || FileManager.default.fileExists(atPath: name)
    else {
      throw UsageError.notAmong(presets, or: "a JSON file", option: "--model", found: name)
    }
    let architecture = try Network(
      json: FileContents.read(name, limit: Network.largestText), source: name)
    try architecture.validate(for: input, source: name)
    return architecture
  }
}
