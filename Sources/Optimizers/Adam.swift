/// Adam (Kingma and Ba, 2015): m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²;
/// p ← p − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + epsilon).
///
/// Epsilon is added outside the root, after the correction of v, as in PyTorch.
public struct Adam: Optimizer {
  public var learningRate: Float
  public var beta1: Float
  public var beta2: Float
  public var epsilon: Float
  public var momentCount: Int { AdamRule.momentCount }

  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep
  ) {
    let stepSize = Float(Double(step.learningRate) / (1 - power(beta1, step.number)))
    let rootCorrection = Float(1 / (1 - power(beta2, step.number)).squareRoot())
    sweep(
      parameters, along: gradients, moments: moments, step: step,
      by: AdamRule(
        beta1: beta1, beta2: beta2, epsilon: epsilon, stepSize: stepSize,
        rootCorrection: rootCorrection))
  }

  /// baseⁿ by repeated squaring, the same on every system.
  private func power(_ base: Float, _ exponent: Int) -> Double {
    var result = 1.0
    var square = Double(base)
    var remaining = exponent
    while remaining > 0 {
      if remaining & 1 == 1 { result *= square }
      square *= square
      remaining >>= 1
    }
    return result
  }
}

private struct AdamRule: BlockRule {
  let beta1: Float
  let beta2: Float
  let epsilon: Float
  /// The rate, divided by 1 − β₁ᵗ.
  let stepSize: Float
  /// 1 / √(1 − β₂ᵗ).
  let rootCorrection: Float

  static var momentCount: Int { 2 }

  @inline(__always)
  func update(
    _ parameter: inout Lanes, along gradient: Lanes, first mean: inout Lanes,
    second square: inout Lanes
  ) {
    mean = mean * beta1 + gradient * (1 - beta1)
    square = square * beta2 + gradient * gradient * (1 - beta2)
    parameter -= mean * stepSize / (square.squareRoot() * rootCorrection + epsilon)
  }
}
