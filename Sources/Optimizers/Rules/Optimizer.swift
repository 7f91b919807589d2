/// A rule that moves parameters along their gradients.
///
/// A rule holds hyper-parameters only, as doubles: 1 − β₂ of a Float would be off by 1e-5. They are
/// checked when the rule is made; `Adam()` and the like have usual ones and cannot fail. What a rule
/// remembers of the parameters is an `OptimizerState`, which the caller owns:
///
///     let adam = Adam()
///     var state = OptimizerState(for: adam, parameterCount: parameters.count)
///     adam.update(&parameters, along: gradients, state: &state)
///
/// Beneath it lies `update(_:along:moments:step:)`, a function of its arguments alone: threads may
/// update disjoint blocks of one step at the same time. No update allocates. Every product, sum,
/// quotient and root is rounded by itself, so that all processors give the same bits.
public protocol Optimizer: Sendable {
  /// What the rule remembers of each parameter, at most three numbers, in the words of PyTorch's
  /// state. All are zero before the first step.
  var momentNames: [String] { get }

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

extension Optimizer {
  /// Numbers remembered for each parameter.
  public var momentCount: Int { momentNames.count }
}
