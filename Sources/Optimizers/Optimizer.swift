/// A rule that moves parameters along their gradients.
///
/// A rule holds hyper-parameters only, as doubles: 1 − β₂ of a Float would be off by 1e-5. What it remembers of a parameter lies in `Moments`, which the
/// caller owns, and a step is a function of its arguments alone: threads may update disjoint blocks
/// of one step at the same time. No update allocates.
public protocol Optimizer: Sendable {
  /// Numbers remembered for each parameter: 0, 1 or 2. All are zero before the first step.
  var momentCount: Int { get }

  /// The rate used where the caller has no schedule.
  var learningRate: Double { get }

  /// Updates a block of parameters.
  ///
  /// - Parameters:
  ///   - parameters: the block, updated in place.
  ///   - gradients: as many as there are parameters.
  ///   - moments: the block's own; unused arrays may be nil.
  ///   - step: which step this is, and its rate.
  func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep)
}
