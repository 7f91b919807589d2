import ConvoyCommandLineOptions
import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

@testable import ConvoyCommands

@Suite struct HelpTests {
  @Test(arguments: [
    (
      "train",
      [
        "model", "data", "epochs", "batch", "threads", "optimizer", "learning-rate", "loss",
        "initialization", "distribution", "l2", "dropout", "momentum", "beta1", "beta2", "epsilon",
        "weight-decay", "clip-norm", "schedule", "warmup-epochs", "normalization", "seed",
        "shuffle",
        "steps", "initial-weights", "output", "log", "report", "log-steps", "instruction-set",
        "validation", "early-stopping", "keep", "judge-by", "label-smoothing", "schedule-points",
        "bias-rate-factor", "drop-last", "average-weights", "average-decay", "lookahead-steps",
        "lookahead-rate", "partial", "freeze", "vector-rate",
        "class-weights", "test-fraction", "image-size", "color", "fit", "skip-unreadable",
        "augment", "mixup", "cutmix", "cache",
        "checkpoint",
        "checkpoint-every",
        "resume", "options", "print-options", "quiet", "seeds",
        "tensorboard", "mpi", "data-from-rank-0", "precision",
      ]
    ),
    (
      "evaluate",
      [
        "weights", "data", "test-fraction", "seed", "skip-unreadable", "threads",
        "instruction-set", "tta", "augment", "per-class", "top-k", "confusion", "confusion-csv",
        "mistakes", "calibration", "json",
      ]
    ),
    (
      "predict",
      [
        "weights", "top", "json", "csv", "probabilities", "invert", "skip-unreadable", "threads",
        "instruction-set",
        "tta", "augment",
      ]
    ),
    (
      "augment",
      [
        "data", "output", "seed", "rows", "columns", "test-fraction", "image-size", "color", "fit",
        "skip-unreadable", "augment", "cache",
      ]
    ),
    (
      "prepare",
      [
        "output", "seed", "test-fraction", "image-size", "color", "fit", "skip-unreadable",
      ]
    ),
    ("compare", ["svg"]),
    (
      "find-rate",
      [
        "from", "to", "sweep", "svg", "data", "test-fraction", "image-size", "color", "fit",
        "skip-unreadable", "cache", "augment", "normalization", "shuffle", "drop-last", "model",
        "initialization", "distribution", "initial-weights", "partial", "freeze", "dropout",
        "batch", "seed", "optimizer", "momentum", "beta1", "beta2", "epsilon", "vector-rate", "l2",
        "weight-decay",
        "bias-rate-factor", "clip-norm", "loss", "label-smoothing", "class-weights", "mixup",
        "cutmix", "threads", "instruction-set", "precision",
      ]
    ),
    ("page", ["weights", "output", "title", "instruction-set"]),
    ("summary", ["model", "input", "classes", "json"]),
    ("export", ["weights", "output", "logits"]),
    ("import", ["weights", "output", "model", "names", "input", "classes", "normalization"]),
    (
      "report",
      [
        "log", "weights", "data", "test-fraction", "seed", "skip-unreadable", "output", "threads",
        "instruction-set",
      ]
    ),
    ("reproduce", ["data", "threads", "instruction-set", "seed", "log"]),
  ])
  func everyCommandHasHelp(command: String, options: [String]) {
    let run = ToolRun(command, "--help")
    #expect(run.exitCode == .success)
    #expect(run.errors == "")
    #expect(run.output.contains("USAGE: convoy \(command) "))
    for option in options {
      #expect(run.output.contains("\n  --\(option)"), "\(option)")
    }
    if options.contains("output") {
      let words = run.output.split { $0.isWhitespace }.joined(separator: " ")
      #expect(words.contains("(also: -o"))
    }
    let described = run.lines.count { $0.hasPrefix("  --") }
    #expect(described == options.count)
    #expect(ToolRun("help", command).output == run.output)
    #expect(ToolRun(command, "--batch", "none", "-h").output == run.output)
  }

  @Test(arguments: [[], ["help"], ["--help"], ["-h"]])
  func theToolHasHelp(arguments: [String]) {
    let run = ToolRun(arguments)
    #expect(run.exitCode == .success)
    #expect(run.errors == "")
    for command in [
      "train", "evaluate", "predict", "report", "page", "export", "import", "summary", "augment",
      "prepare",
      "reproduce",
    ] {
      #expect(run.output.contains("\n  \(command) "))
    }
  }

  /// Each command takes its own example, and says it in its help.
  @Test(arguments: ConvoyTool.description.commands)
  func everyCommandHasAnExample(command: CommandDescription) throws {
    let words = command.example.split(separator: " ").map(String.init)
    try #require(words.prefix(2) == ["convoy", command.name])
    guard case .options = try command.parse(Array(words.dropFirst(2))) else {
      Issue.record("asks for help")
      return
    }
    #expect(ToolRun(command.name, "--help").output.contains("EXAMPLE:\n  \(command.example)\n"))
  }
}
