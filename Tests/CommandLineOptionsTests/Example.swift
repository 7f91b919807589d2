import ConvoyCommandLineOptions

/// A small tool that uses every kind of option, for all tests of this target.
enum Example {
  enum Optimizer: String, CaseIterable {
    case sgd, momentum, rmsprop, adam
  }

  static let train = CommandDescription(
    name: "train",
    overview: "Train a network on the images of a directory.",
    discussion: "Two runs with equal settings write equal files:\n\n    cmp first second",
    options: [
      .value("data", "directory", help: "The directory of the images.", isRequired: true),
      .value("batch", "size", help: "Images per step.", default: "64"),
      .choice("optimizer", of: Optimizer.self, help: "The update rule.", default: .adam),
      .value(
        "learning-rate-at-the-start", "rate", help: "The first learning rate.",
        default: "0.001", section: "Schedule"),
      .value("dropout", "share", help: "The share of activations that are dropped."),
      .value("l2", "factor", help: "Weight decay."),
      .value("seed", "seed", help: "Where random numbers start."),
      .flag("quiet", help: "Print results only."),
    ], mainOption: "data")

  static let tool = ToolDescription(
    name: "convoy", overview: "Train convolutional networks on every core of a machine.",
    version: "1.0.0",
    commands: [
      train, CommandDescription(name: "evaluate", overview: "Measure a trained network."),
    ])

  /// The options of `train` for a line that is right; `--data` is added.
  static func options(_ arguments: String...) throws -> ParsedOptions {
    switch try train.parse(["--data", "images"] + arguments) {
    case .options(let options): options
    case .helpRequested: throw UsageError.invalidCombination("Help was asked for.")
    }
  }
}
