import CommandLineOptions

/// The options that choose among epochs by images held back from training.
struct ValidationOptions {
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
      "keep", of: Keep.self,
      help: "The weights that the run ends with: of the last epoch, or of the "
        + "best one by the same measure.",
      default: .last),
  ]

  enum Keep: String, CaseIterable { case best, last }

  let fraction: Double?
  let patience: Int?
  let keep: Keep

  init(_ options: ParsedOptions) throws(UsageError) {
    fraction = try options.number("validation", above: 0, atMost: 0.9)
    patience = try options.integer("early-stopping", atLeast: 1)
    keep = try options.choice("keep", of: Keep.self) ?? .last
    guard fraction == nil else { return }
    if patience != nil { throw Self.missing("early-stopping") }
    if keep == .best { throw Self.missing("keep best") }
  }

  private static func missing(_ option: String) -> UsageError {
    .invalidCombination("--\(option): expected --validation <fraction> beside it, found none")
  }
}
