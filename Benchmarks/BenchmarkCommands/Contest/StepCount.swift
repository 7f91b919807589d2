/// How many steps make a measurement of the length that is wanted.
struct StepCount {
  /// Runs steps until the warm-up is over, and tells how many fit into a round.
  ///
  /// - Parameter run: runs a number of steps and returns their seconds.
  static func warmingUp(
    for warmUp: Double, seconds: Double, run: (Int) throws -> Double
  ) rethrows -> Int {
    // The first steps compile, and allocate: they tell nothing of those that follow.
    _ = try run(2)
    var steps = 1
    var spent = 0.0
    var secondsAStep = 0.0
    repeat {
      let taken = try run(steps)
      spent += taken
      secondsAStep = taken / Double(steps)
      // No step more than is left, as far as the last ones tell.
      let left = max(1, (warmUp - spent) / max(secondsAStep, 1e-9))
      steps = Int(min(Double(2 * steps), left))
    } while spent < warmUp
    return max(1, Int((seconds / max(secondsAStep, 1e-9)).rounded()))
  }
}
