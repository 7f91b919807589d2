import Optimizers

/// A schedule of learning rates, before the length of the run is known.
public struct ScheduleSettings: Sendable, Equatable, Codable {
  /// How the learning rate changes during a run.
  public enum Name: String, CaseIterable, Sendable, Codable {
    /// The same rate to the end.
    case constant
    /// A tenth after each third of the run.
    case step
    /// By the same factor in every step, to a hundredth.
    case exponential
    /// Along half a cosine, to zero.
    case cosine
    /// From point to point of `points`.
    case linear
    /// Up to the full rate and down to almost zero (Smith and Topin, 2018).
    case oneCycle = "one-cycle"
  }

  /// How the rate changes after the warm-up.
  public var name = Name.constant
  /// Epochs during which the rate rises to its full value.
  public var warmUpEpochs = 0.0
  /// Of `linear`: factors of the rate at shares of the steps after the warm-up.
  public var points: [SchedulePoint] = []

  /// `points` are those of `linear`.
  public init(name: Name = .constant, warmUpEpochs: Double = 0, points: [SchedulePoint] = []) {
    self.name = name
    self.points = points
    self.warmUpEpochs = warmUpEpochs
  }

  /// Whether the rate of a step depends on how long the run will be.
  package var dependsOnLength: Bool { name != .constant || warmUpEpochs > 0 }

  /// - Parameters:
  ///   - rate: the full rate.
  ///   - steps: of the whole run.
  ///   - stepsPerEpoch: for the warm-up.
  package func schedule(
    rate: Double, steps: Int, stepsPerEpoch: Int
  ) throws(HyperparameterError) -> LearningRateSchedule {
    let warmUp = min(Int((warmUpEpochs * Double(stepsPerEpoch)).rounded()), steps - 1)
    let schedule = try self.schedule(rate: rate, steps: max(1, steps - warmUp))
    guard warmUp > 0 else { return schedule }
    return try schedule.warmedUp(over: warmUp, from: 1 / Double(warmUp + 1))
  }

  /// - Parameter steps: of the run, after the warm-up.
  private func schedule(
    rate: Double, steps: Int
  ) throws(HyperparameterError) -> LearningRateSchedule {
    switch name {
    case .constant: try .constant(rate)
    case .step: try .steps(from: rate, every: steps / 3 + (steps % 3 > 0 ? 1 : 0))
    case .exponential: try .exponential(from: rate, factor: hundredthRoot(steps))
    case .cosine: try .cosine(from: rate, over: steps)
    case .linear: try .linear(rate: rate, through: points, over: steps)
    // A cycle of fewer steps has no rise.
    case .oneCycle: try .oneCycle(peak: rate, over: max(steps, 4))
    }
  }

  /// The factor whose `steps`-th power is 1/100, found by bisection: the same bits on every system.
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
