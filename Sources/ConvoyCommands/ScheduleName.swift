import Optimizers

/// How the learning rate goes on through a run.
enum ScheduleName: String, CaseIterable {
  case constant, step, exponential, cosine
  case oneCycle = "one-cycle"

  /// - Parameters:
  ///   - rate: the full rate.
  ///   - steps: of the run, after a warm-up.
  func schedule(rate: Double, steps: Int) throws(HyperparameterError) -> LearningRateSchedule {
    switch self {
    case .constant: try .constant(rate)
    case .step: try .steps(from: rate, every: (steps + 2) / 3)
    case .exponential: try .exponential(from: rate, factor: hundredthRoot(steps))
    case .cosine: try .cosine(from: rate, over: steps)
    // A cycle of fewer steps has no rise.
    case .oneCycle: try .oneCycle(peak: rate, over: max(steps, 4))
    }
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
