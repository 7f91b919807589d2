import ConvoyCommandLineOptions
import ConvoyNeuralNetwork
import ConvoyTraining
import Foundation

/// The options of the loss. An option that the chosen loss does not use is an error, because the user
/// expects it to have an effect.
enum LossOptions {
  static let descriptions: [OptionDescription] = [
    .choice(
      "loss", of: LossFunction.self,
      help: "The loss that training minimises; mean-squared-error compares the outputs with 1 for "
        + "the label and 0 for the other classes.",
      default: .crossEntropy),
    .value(
      "label-smoothing", "share",
      help: "Spread this share of each label's target evenly over all classes (cross-entropy). The "
        + "training loss has it, evaluation reports the plain loss.",
      default: "0"),
    .value(
      "class-weights", "balanced|numbers|file",
      help:
        "Multiply a sample's loss by its class's weight and divide a batch's sum by its weights "
        + "(cross-entropy). balanced: inverse to the class's training images; or a number for each "
        + "class, between commas or in a file, one a line. With --label-smoothing, each class's share of the "
        + "target has that class's weight, as in PyTorch. Accuracy and evaluation are without them."
    ),
  ]

  static func read(
    _ options: ParsedOptions, into settings: inout TrainingSettings
  ) throws(UsageError) {
    settings.loss = try options.choice("loss", of: LossFunction.self) ?? settings.loss
    try check("label-smoothing", options, settings.loss)
    settings.labelSmoothing =
      try options.number("label-smoothing", in: 0..<1) ?? settings.labelSmoothing
    try check("class-weights", options, settings.loss)
    settings.classWeights = try options.string("class-weights").map { text throws(UsageError) in
      guard let weights = ClassWeights(text) else { throw notWeights(text) }
      return weights
    }
  }

  /// The path of the file of class weights, if one is named.
  static func weightsFile(_ options: ParsedOptions) -> String? {
    options.string("class-weights").flatMap { ClassWeights($0) == nil ? $0 : nil }
  }

  /// The options with the numbers of a file of class weights in place of its path: a checkpoint holds
  /// numbers, which do not change with a file.
  ///
  /// - Throws: `UsageError` if there is no such file; errors of the file, which name it.
  static func withNumbers(_ options: ParsedOptions) throws -> ParsedOptions {
    guard let path = weightsFile(options) else { return options }
    guard path.contains("/") || FileManager.default.fileExists(atPath: path) else {
      throw notWeights(path)
    }
    let weights = try ClassWeights(contentsOf: path)
    return options.replaced(
      by: options.texts.merging(["class-weights": "\(weights)"]) { $1 })
  }

  private static func notWeights(_ text: String) -> UsageError {
    let range = ClassWeights.range
    return .notAmong(
      ["\(ClassWeights.balanced)"],
      or:
        "numbers, 0 or from \(range.lowerBound) to \(range.upperBound) between commas, or a file of them",
      option: "--class-weights", found: text)
  }

  /// Refuses an option that only cross-entropy uses.
  static func check(
    _ option: String, _ options: ParsedOptions, _ loss: LossFunction
  ) throws(UsageError) {
    guard options.isGiven(option), loss != .crossEntropy else { return }
    throw .invalidCombination(
      "--\(option): expected --loss \(LossFunction.crossEntropy.rawValue), found \(loss.rawValue)")
  }
}
