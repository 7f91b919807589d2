import ConvoyCommandLineOptions
import ConvoyTraining

/// The options that save checkpoints and resume from them.
enum CheckpointOptions {
  static let descriptions: [OptionDescription] = [
    .value(
      "checkpoint", "file",
      help:
        "Save checkpoints here for --resume. The file is replaced atomically.",
      default: "with --resume, its file"),
    .value(
      "checkpoint-every", "epoch|steps",
      help: "After each epoch, or after this many steps; also at the end.", default: "epoch"),
    .value(
      "resume", "file",
      help:
        "Resume the run of a checkpoint, a program's too, to the same bits as if it had not been interrupted. "
        + "All options come from the run; only \(changeable.map { "--\($0)" }.sorted().joined(separator: ", ")) "
        + "may differ; also --epochs, if the learning rate is constant and there is no warm-up."),
  ]

  /// Options that do not change the weights, and those that say how pictures from elsewhere become the
  /// same images: a run goes on only with those it had.
  static let changeable: Set<String> = [
    "cache", "checkpoint", "checkpoint-every", "color", "data", "data-from-rank-0", "fit",
    "image-size", "instruction-set", "log", "log-steps", "mpi", "output", "report", "tensorboard",
    "threads",
  ]

  /// - Parameter path: the checkpoint file; nil if none is written.
  static func cadence(
    _ options: ParsedOptions, path: String?
  ) throws(UsageError) -> CheckpointCadence {
    if path == nil, options.isGiven("checkpoint-every") {
      throw .invalidCombination(
        "--checkpoint-every: expected --checkpoint <file> beside it, found none")
    }
    guard let text = options.string("checkpoint-every"), text != "epoch" else { return .epochs }
    guard let steps = Int(text), steps >= 1 else {
      throw .invalidValue(
        option: "--checkpoint-every", expected: "epoch, or a whole number of at least 1",
        found: text, suggestion: nil)
    }
    return .steps(steps)
  }
}
