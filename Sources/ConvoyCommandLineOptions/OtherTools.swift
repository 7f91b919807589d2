/// What other trainers, or other commands, call an option, so that a name learned there leads to the
/// one here.
enum OtherTools {
  /// Options or arguments by the name there: the first that a command has.
  private static let options: [String: [String]] = [
    "--arch": ["--model"], "--architecture": ["--model"], "--network": ["--model"],
    "--data-dir": ["--data"], "--dataset": ["--data"], "--train-dir": ["--data"],
    "--data": ["<folder>"],
    "-e": ["--epochs"],
    "--img": ["--image-size"], "--imgsz": ["--image-size"], "--size": ["--image-size"],
    "--jobs": ["--threads"], "--num-workers": ["--threads"], "--workers": ["--threads"],
    "--load": ["--initial-weights", "--weights"], "--model": ["--weights"],
    "--pretrained": ["--initial-weights", "--weights"], "--weights": ["--initial-weights"],
    "--lr": ["--learning-rate", "--from"], "--opt": ["--optimizer"], "--optim": ["--optimizer"],
    "--output-dir": ["--output"], "--save": ["--output"], "--save-model": ["--output"],
    "--save-path": ["--output"],
    "--test-size": ["--test-fraction"], "--test-split": ["--test-fraction"],
    "--val": ["--validation"], "--val-size": ["--validation"], "--val-split": ["--validation"],
    "--validation-split": ["--validation"],
  ]

  static func option(for name: String, among spellings: [String]) -> String? {
    options[name]?.first { spellings.contains($0) }
  }
}
