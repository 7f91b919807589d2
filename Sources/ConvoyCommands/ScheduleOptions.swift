import CommandLineOptions
import Optimizers

/// The options that make a schedule of learning rates, once the length of the run is known.
struct ScheduleOptions {
  /// How the rate goes on through a run.
  enum Name: String, CaseIterable {
    case constant, step, exponential, cosine
    case oneCycle = "one-cycle"
  }

  static let descriptions: [OptionDescription] = [
    .choice(
      "schedule", of: Name.self,
      help: "How the learning rate goes on: step divides it by 10 after each third of the run, "
        + "exponential brings it to a hundredth, cosine to zero, and one-cycle up from a 25th and "
        + "down to next to nothing.",
      default: .constant),
    .value(
      "warmup-epochs", "count", help: "Epochs through which the rate grows to its full size.",
      default: "0"),
  ]

  private let name: Name
  private let warmUpEpochs: Double

  init(_ options: ParsedOptions) throws(UsageError) {
    name = try options.choice("schedule", of: Name.self) ?? .constant
    warmUpEpochs = try options.number("warmup-epochs", in: 0...1_000_000) ?? 0
  }

  /// - Parameters:
  ///   - rate: the full rate.
  ///   - steps: of the whole run.
  func schedule(
    rate: Double, steps: Int, stepsAnEpoch: Int
  ) throws(HyperparameterError) -> LearningRateSchedule {
    let warmUp = min(Int((warmUpEpochs * Double(stepsAnEpoch)).rounded()), steps - 1)
    let rest = max(1, steps - warmUp)
    let schedule =
      switch name {
      case .constant: try LearningRateSchedule.constant(rate)
      case .step: try LearningRateSchedule.steps(from: rate, every: (rest + 2) / 3)
      case .exponential:
        try LearningRateSchedule.exponential(from: rate, factor: hundredthRoot(rest))
      case .cosine: try LearningRateSchedule.cosine(from: rate, over: rest)
      // A cycle of fewer steps has no rise.
      case .oneCycle: try LearningRateSchedule.oneCycle(peak: rate, over: max(rest, 4))
      }
    guard warmUp > 0 else { return schedule }
    return try schedule.warmedUp(over: warmUp, from: 1 / Double(warmUp + 1))
  }

  /// The factor that makes a hundredth of one in so many steps, found by halving the interval: the
  /// same on every system.
  private func hundredthRoot(_ steps: Int) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      var (power, base, rest) = (1.0, middle, steps)
      while rest > 0 {
        if rest & 1 == 1 { power *= base }
        base *= base
        rest >>= 1
      }
      if power < 0.01 { low = middle } else { high = middle }
    }
    return high
  }
}
