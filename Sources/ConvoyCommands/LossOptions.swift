import ConvoyCommandLineOptions
import ConvoyNeuralNetwork
import ConvoyTraining

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
  ]

  static func read(
    _ options: ParsedOptions, into settings: inout RunSettings
  ) throws(UsageError) {
    settings.loss = try options.choice("loss", of: LossFunction.self) ?? settings.loss
    try check("label-smoothing", options, settings.loss)
    settings.labelSmoothing =
      try options.number("label-smoothing", in: 0..<1) ?? settings.labelSmoothing
  }

  /// The options that recreate the loss: only those that it uses.
  static func texts(of settings: RunSettings) -> [String: String?] {
    let loss = ["loss": settings.loss.rawValue]
    guard settings.loss == .crossEntropy else { return loss }
    return loss.merging(["label-smoothing": "\(settings.labelSmoothing)"]) { $1 }
  }

  private static func check(
    _ option: String, _ options: ParsedOptions, _ loss: LossFunction
  ) throws(UsageError) {
    guard options.isGiven(option), loss != .crossEntropy else { return }
    throw .invalidCombination(
      "--\(option): expected --loss \(LossFunction.crossEntropy.rawValue), found \(loss.rawValue)")
  }
}
