/// Steps before a schedule, through which the rate grows to the schedule's first.
struct WarmUp: Sendable, Equatable, Codable {
  let steps: Int
  /// Of the schedule's first rate, at the first step.
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
