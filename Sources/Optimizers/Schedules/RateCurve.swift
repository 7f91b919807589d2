/// The shape of a schedule after its warm-up. Steps are counted from 0 here, as in the formulas.
enum RateCurve: Sendable, Equatable, Codable {
  case constant(rate: Double)
  case steps(rate: Double, every: Int, factor: Double)
  case exponential(rate: Double, factor: Double)
  case cosine(rate: Double, final: Double, over: Int)
  case linear(rate: Double, points: [SchedulePoint], over: Int)
  case oneCycle(
    peak: Double, over: Int, riseShare: Double, initialDivisor: Double, finalDivisor: Double)

  func check() throws(HyperparameterError) {
    let bounds = HyperparameterBounds.self
    switch self {
    case .constant(let rate):
      try bounds.nonNegative.check("rate", rate)
    case .steps(let rate, let every, let factor):
      try bounds.nonNegative.check("rate", rate)
      try bounds.checkCount("every", every)
      try bounds.share.check("factor", factor)
    case .exponential(let rate, let factor):
      try bounds.nonNegative.check("rate", rate)
      try bounds.share.check("factor", factor)
    case .cosine(let rate, let final, let over):
      try bounds.nonNegative.check("rate", rate)
      try bounds.nonNegative.check("final", final)
      try bounds.checkCount("over", over)
    case .linear(let rate, let points, let over):
      try bounds.nonNegative.check("rate", rate)
      try points.check(rate: rate)
      try bounds.checkCount("over", over)
    case .oneCycle(let peak, let over, let riseShare, let initialDivisor, let finalDivisor):
      try bounds.nonNegative.check("peak", peak)
      try bounds.checkCount("over", over)
      try bounds.share.check("riseShare", riseShare)
      try bounds.divisor.check("initialDivisor", initialDivisor)
      try bounds.divisor.check("finalDivisor", finalDivisor)
    }
  }

  func rate(after steps: Int) -> Double {
    switch self {
    case .constant(let rate): return rate
    case .steps(let rate, let every, let factor): return rate * power(factor, steps / every)
    case .exponential(let rate, let factor): return rate * power(factor, steps)
    case .cosine(let rate, let final, let over):
      return Self.anneal(from: rate, to: final, Double(min(steps, over)) / Double(over))
    case .linear(let rate, let points, let over):
      return rate * points.factor(at: Double(min(steps, over)) / Double(over))
    case .oneCycle(let peak, let over, let riseShare, let initialDivisor, let finalDivisor):
      let initial = peak / initialDivisor
      let step = Double(min(steps, over - 1))
      let top = riseShare * Double(over) - 1
      if step <= top {
        return Self.anneal(from: initial, to: peak, top > 0 ? step / top : 1)
      }
      return Self.anneal(
        from: peak, to: initial / finalDivisor, (step - top) / (Double(over - 1) - top))
    }
  }

  /// Half a cosine wave.
  private static func anneal(from start: Double, to end: Double, _ progress: Double) -> Double {
    end + (start - end) / 2 * (1 + Optimizers.cosine(halfTurns: progress))
  }
}

/// cos(π x) for x from 0 to 1, with an error below 1e-15. The bits are the same on every system.
///
/// Symmetry reduces the angle to at most π/4. There, the Taylor series is summed; its first omitted
/// term is below 1e-18.
func cosine(halfTurns x: Double) -> Double {
  if x > 0.5 { return -cosine(halfTurns: 1 - x) }
  let isSine = x > 0.25
  let angle = Double.pi * (isSine ? 0.5 - x : x)
  var term = isSine ? angle : 1
  var sum = term
  for factor in stride(from: isSine ? 2 : 1, to: 18, by: 2) {
    term *= -angle * angle / Double(factor * (factor + 1))
    sum += term
  }
  return sum
}

/// Steps before a schedule in which the rate grows to the schedule's first rate.
struct WarmUp: Sendable, Equatable, Codable {
  let steps: Int
  /// The rate of the first step, as a share of the schedule's first rate.
  let startFactor: Double

  func check() throws(HyperparameterError) {
    try HyperparameterBounds.checkCount("steps", steps)
    try HyperparameterBounds.share.check("startFactor", startFactor)
  }

  /// - Parameter done: steps done, fewer than `steps`.
  func factor(after done: Int) -> Double {
    startFactor + (1 - startFactor) * Double(done) / Double(steps)
  }
}
