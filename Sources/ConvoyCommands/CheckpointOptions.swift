import CommandLineOptions

/// The options that save a run and take it up again.
struct CheckpointOptions {
  static let descriptions: [OptionDescription] = [
    .value(
      "checkpoint", "file",
      help:
        "Save checkpoints here for --resume. The file is replaced atomically.",
      default: "with --resume, its file"),
    .value(
      "checkpoint-every", "epoch|steps",
      help: "When: after each epoch, or after so many steps, and at the end.", default: "epoch"),
    .value(
      "resume", "file",
      help:
        "Resume the run of a checkpoint, to the same bits as if it had not been interrupted. "
        + "All options are those of the run; of those given beside it, only \(changeable.map { "--\($0)" }.sorted().joined(separator: ", ")) "
        + "may differ, and the number of epochs may not, since schedules depend on it."),
  ]

  /// What does not change the weights.
  static let changeable: Set<String> = [
    "checkpoint", "checkpoint-every", "data", "instruction-set", "log", "log-steps", "output",
    "threads",
  ]

  /// When a checkpoint is due.
  enum Cadence: Equatable {
    case epochs
    case steps(Int)
  }

  /// Where to write checkpoints, if anywhere.
  let path: String?
  let cadence: Cadence
  /// The checkpoint to go on from.
  let resumed: String?

  init(_ options: ParsedOptions) throws(UsageError) {
    resumed = options.string("resume")
    path = options.string("checkpoint") ?? resumed
    if path == nil, options.isGiven("checkpoint-every") {
      throw .invalidCombination(
        "--checkpoint-every: expected --checkpoint <file> beside it, found none")
    }
    guard let text = options.string("checkpoint-every"), text != "epoch" else {
      cadence = .epochs
      return
    }
    guard let steps = Int(text), steps >= 1 else {
      throw .invalidValue(
        option: "--checkpoint-every", expected: "epoch, or a whole number of at least 1",
        found: text, suggestion: nil)
    }
    cadence = .steps(steps)
  }
}
