import ConvoyCommandLineOptions
import ConvoyTraining

/// The options that hold back validation images and use them to choose among epochs.
enum ValidationOptions {
  static let descriptions: [OptionDescription] = [
    .value(
      "validation", "fraction",
      help:
        "Hold back this part of the training images and judge each epoch by it; the test images "
        + "then are for the end."),
    .value(
      "early-stopping", "epochs",
      help:
        "Stop after so many epochs without a better one: more of the validation images right, or "
        + "as many at a smaller loss."),
    .choice(
      "keep", of: ValidationSettings.Keep.self,
      help: "The weights that the run ends with: of the last epoch, or of the "
        + "best one by the same measure.",
      default: .last),
  ]

  static func settings(_ options: ParsedOptions) throws(UsageError) -> ValidationSettings {
    let settings = ValidationSettings(
      fraction: try options.number("validation", above: 0, atMost: 0.9),
      patience: try options.integer("early-stopping", atLeast: 1),
      keep: try options.choice("keep", of: ValidationSettings.Keep.self) ?? .last)
    guard settings.fraction == nil else { return settings }
    if settings.patience != nil { throw missing("early-stopping") }
    if settings.keep == .best { throw missing("keep best") }
    return settings
  }

  static func texts(of settings: ValidationSettings) -> [String: String?] {
    [
      "validation": settings.fraction.map { "\($0)" },
      "early-stopping": settings.patience.map(String.init), "keep": settings.keep.rawValue,
    ]
  }

  private static func missing(_ option: String) -> UsageError {
    .invalidCombination("--\(option): expected --validation <fraction> beside it, found none")
  }
}
