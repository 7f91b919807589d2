/// Adam (Kingma and Ba, 2015): m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²;
/// p ← p − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + epsilon).
///
/// Epsilon is added outside the root, after the correction of v, as in PyTorch.
public struct Adam: Optimizer {
  public var learningRate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var momentCount: Int { AdamRule.momentCount }

  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
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
    let stepSize = Float(step.learningRate / (1 - power(beta1, step.number)))
    let rootCorrection = Float(1 / (1 - power(beta2, step.number)).squareRoot())
    sweep(
      parameters, along: gradients, moments: moments, step: step,
      by: AdamRule(
        beta1: Float(beta1), rest1: Float(1 - beta1), beta2: Float(beta2), rest2: Float(1 - beta2),
        epsilon: Float(epsilon), stepSize: stepSize, rootCorrection: rootCorrection))
  }

  /// baseⁿ by repeated squaring, the same on every system.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
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
  let rest1: Float
  let beta2: Float
  let rest2: Float
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
    mean = mean * beta1 + gradient * rest1
    square = square * beta2 + gradient * gradient * rest2
    parameter -= mean * stepSize / (square.squareRoot() * rootCorrection + epsilon)
  }
}
