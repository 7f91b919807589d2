/// RMSProp (Tieleman and Hinton, 2012): s ← decay · s + (1 − decay) · g²;
/// p ← p − rate · g / (√s + epsilon).
///
/// Epsilon is added outside the root, as in PyTorch.
public struct RMSProp: Optimizer {
  public var learningRate: Double
  public var decay: Double
  public var epsilon: Double
  public var momentCount: Int { RMSPropRule.momentCount }

  public init(learningRate: Double = 0.001, decay: Double = 0.99, epsilon: Double = 1e-8) {
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
  }

  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep
  ) {
    sweep(
      parameters, along: gradients, moments: moments, step: step,
      by: RMSPropRule(
        rate: Float(step.learningRate), decay: Float(decay), rest: Float(1 - decay),
        epsilon: Float(epsilon)))
  }
}

private struct RMSPropRule: BlockRule {
  let rate: Float
  let decay: Float
  let rest: Float
  let epsilon: Float

  static var momentCount: Int { 1 }

  @inline(__always)
  func update(
    _ parameter: inout Lanes, along gradient: Lanes, first meanSquare: inout Lanes,
    second _: inout Lanes
  ) {
    meanSquare = meanSquare * decay + gradient * gradient * rest
    parameter -= gradient * rate / (meanSquare.squareRoot() + epsilon)
  }
}
