/// Gradient descent with momentum (Polyak, 1964): v ← momentum · v + g; p ← p − rate · v.
///
/// The rate is applied to the velocity, not stored in it, as in PyTorch: changing the rate acts at
/// once.
public struct Momentum: Optimizer {
  public var learningRate: Double
  public var momentum: Double
  public var momentCount: Int { MomentumRule.momentCount }

  public init(learningRate: Double = 0.02, momentum: Double = 0.9) {
    self.learningRate = learningRate
    self.momentum = momentum
  }

  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep
  ) {
    sweep(
      parameters, along: gradients, moments: moments, step: step,
      by: MomentumRule(rate: Float(step.learningRate), momentum: Float(momentum)))
  }
}

private struct MomentumRule: BlockRule {
  let rate: Float
  let momentum: Float

  static var momentCount: Int { 1 }

  @inline(__always)
  func update(
    _ parameter: inout Lanes, along gradient: Lanes, first velocity: inout Lanes,
    second _: inout Lanes
  ) {
    velocity = velocity * momentum + gradient
    parameter -= velocity * rate
  }
}
