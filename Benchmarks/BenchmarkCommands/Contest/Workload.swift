import ConvoyCommandLineOptions
import ConvoyNetworkOptions
import ConvoyNeuralNetwork

/// What is measured: a network, with the size of its samples and batches.
struct Workload: Sendable, Encodable, Equatable {
  /// Whether a step trains or only evaluates.
  enum Mode: String, Sendable, Codable { case train, forward }

  let name: String
  let architecture: Network
  let input: FeatureShape
  let batch: Int
  let mode: Mode

  static let classes = 10

  private enum Key: String, CodingKey { case network, input, batch, mode }

  /// Omits the layers, which the network's name identifies.
  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(name, forKey: .network)
    try fields.encode([input.channels, input.height, input.width], forKey: .input)
    try fields.encode(batch, forKey: .batch)
    try fields.encode(mode, forKey: .mode)
  }
}

extension Workload {
  /// - Parameter models: the default networks.
  static func descriptions(models: [String] = standardNetworks) -> [OptionDescription] {
    [
      .value(
        "model", "models",
        help: "Presets (\(NetworkOptions.presets.joined(separator: ", "))) or JSON files with "
          + "architectures, separated by commas.",
        default: models.joined(separator: ",")),
      .value(
        "input", "shape", help: "Channels, height and width of a sample.",
        default: "1x28x28; 3x32x32 for \(colourNetworks.joined(separator: ", "))"),
      .value(
        "batch", "sizes", help: "Samples in a step, separated by commas.",
        default: "64, 256 for fast; 256 forward"),
    ]
  }

  /// The networks that Convoy is measured by.
  static let standardNetworks = ["small", "fast", "medium", "vgg"]

  /// Those measured on small colour images.
  private static let colourNetworks = [
    "vgg", "resnet20", "resnet9", "airbench94", "mobilenet", "compact",
  ]

  /// A workload for each network and each batch size that the options name.
  ///
  /// - Parameter models: the default networks.
  static func all(
    _ options: ParsedOptions, mode: Mode, models: [String] = standardNetworks
  ) throws -> [Workload] {
    let input = try NetworkOptions.input(options)
    let batches = try options.integers("batch", in: 1...65_536)
    return try (try options.list("model") ?? models).flatMap { name in
      let input = input ?? standardInput(name)
      let architecture = try NetworkOptions.architecture(
        named: name, input: input, classes: classes)
      let outputs = try architecture.outputShape(for: input).count
      guard outputs >= classes else {
        throw UsageError.invalidCombination(
          "\(name): expected at least \(classes) outputs, as the images have so many classes, "
            + "found \(outputs)")
      }
      return (batches ?? [standardBatch(name, mode)]).map { batch in
        Workload(
          name: shortName(name), architecture: architecture, input: input, batch: batch, mode: mode)
      }
    }
  }

  private static func standardInput(_ name: String) -> FeatureShape {
    colourNetworks.contains(name)
      ? FeatureShape(channels: 3, height: 32, width: 32)
      : FeatureShape(channels: 1, height: 28, width: 28)
  }

  private static func standardBatch(_ name: String, _ mode: Mode) -> Int {
    mode == .forward || name == "fast" ? 256 : 64
  }

  /// The name of a file without its directory and extension.
  private static func shortName(_ name: String) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return last.hasSuffix(".json") ? String(last.dropLast(5)) : last
  }
}
