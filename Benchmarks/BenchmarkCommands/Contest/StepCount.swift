/// Determines the number of steps in a measurement of a given length.
struct StepCount {
  /// Runs steps until the warm-up is over, and returns how many fit into a round.
  ///
  /// - Parameter run: runs a number of steps and returns the seconds taken.
  static func warmingUp(
    for warmUp: Double, seconds: Double, run: (Int) throws -> Double
  ) rethrows -> Int {
    // The first steps compile and allocate, so their time is not representative.
    _ = try run(2)
    var steps = 1
    var spent = 0.0
    var secondsAStep = 0.0
    repeat {
      let taken = try run(steps)
      spent += taken
      secondsAStep = taken / Double(steps)
      // At most as many steps as fit into the rest of the warm-up, at the last rate.
      let left = max(1, (warmUp - spent) / max(secondsAStep, 1e-9))
      steps = Int(min(Double(2 * steps), left))
    } while spent < warmUp
    return max(1, Int((seconds / max(secondsAStep, 1e-9)).rounded()))
  }
}
