import CommandLineOptions
import Optimizers

/// The options that make a schedule of learning rates, once the length of the run is known.
struct ScheduleOptions {
  static let descriptions: [OptionDescription] = [
    .choice(
      "schedule", of: ScheduleName.self,
      help: "How the learning rate goes on: step divides it by 10 after each third of the run, "
        + "exponential brings it to a hundredth, cosine to zero, and one-cycle up from a 25th and "
        + "down to next to nothing.",
      default: .constant),
    .value(
      "warmup-epochs", "count", help: "Epochs through which the rate grows to its full size.",
      default: "0"),
  ]

  private let name: ScheduleName
  private let warmUpEpochs: Double

  init(_ options: ParsedOptions) throws(UsageError) {
    name = try options.choice("schedule", of: ScheduleName.self) ?? .constant
    warmUpEpochs = try options.number("warmup-epochs", in: 0...1_000_000) ?? 0
  }

  /// The options that make the same schedule.
  var options: [String: String] {
    ["schedule": name.rawValue, "warmup-epochs": "\(warmUpEpochs)"]
  }

  /// - Parameters:
  ///   - rate: the full rate.
  ///   - steps: of the whole run.
  func schedule(
    rate: Double, steps: Int, stepsAnEpoch: Int
  ) throws(HyperparameterError) -> LearningRateSchedule {
    let warmUp = min(Int((warmUpEpochs * Double(stepsAnEpoch)).rounded()), steps - 1)
    let schedule = try name.schedule(rate: rate, steps: max(1, steps - warmUp))
    guard warmUp > 0 else { return schedule }
    return try schedule.warmedUp(over: warmUp, from: 1 / Double(warmUp + 1))
  }
}
