import ConvoyCommandLineOptions
import ConvoyTraining

/// The options that hold back validation images and use them to choose among epochs.
enum ValidationOptions {
  static let descriptions: [OptionDescription] = [
    .value(
      "validation", "fraction",
      help:
        "Hold back this fraction of the training images to evaluate each epoch; test images are used "
        + "only at the end, and pictures, NumPy and CSV may have none. A folder of pictures may have a "
        + "validation part instead."
    ),
    .value(
      "early-stopping", "epochs",
      help:
        "Stop after this many epochs without improvement, as --judge-by says."),
    .choice(
      "keep", of: ValidationSettings.Keep.self,
      help: "Final weights: of the last epoch, or of the best, as --judge-by says.",
      default: .last),
    .choice(
      "judge-by", of: ValidationSettings.Criterion.self,
      help:
        "What is better, on the validation images: a higher accuracy and, among equals, a smaller loss; or "
        + "a smaller loss alone, for data with rare classes.", default: .accuracy),
  ]

  static func settings(_ options: ParsedOptions) throws(UsageError) -> ValidationSettings {
    ValidationSettings(
      fraction: try options.number("validation", above: 0, atMost: 0.9),
      patience: try options.integer("early-stopping", atLeast: 1),
      keep: try options.choice("keep", of: ValidationSettings.Keep.self) ?? .last,
      criterion: try options.choice("judge-by", of: ValidationSettings.Criterion.self) ?? .accuracy)
  }

  /// Checks that there are validation images if they are needed, and from one source.
  ///
  /// - Parameter hasPart: whether the data has a validation part.
  static func check(
    _ settings: ValidationSettings, hasPart: Bool
  ) throws(UsageError) {
    guard settings.fraction == nil else {
      guard hasPart else { return }
      throw .invalidCombination(
        "--validation: expected data without a validation part, found one with it")
    }
    if hasPart { return }
    if settings.patience != nil { throw missing("early-stopping") }
    if settings.keep == .best { throw missing("keep best") }
    if settings.criterion != .accuracy { throw missing("judge-by \(settings.criterion.rawValue)") }
  }

  private static func missing(_ option: String) -> UsageError {
    .invalidCombination("--\(option): expected --validation <fraction> beside it, found none")
  }
}
