/// What Adam's loop multiplies by in one step.
package struct AdamCoefficients {
  package let beta1: Float
  package let rest1: Float
  package let beta2: Float
  package let rest2: Float
  package let epsilon: Float
  /// The rate, divided by 1 − β₁ᵗ.
  package let stepSize: Float
  /// 1 / √(1 − β₂ᵗ).
  package let rootCorrection: Float

  package init(
    beta1: Double, beta2: Double, epsilon: Double, stepSize: Double, rootCorrection: Double
  ) {
    self.beta1 = Float(beta1)
    self.rest1 = Float(1 - beta1)
    self.beta2 = Float(beta2)
    self.rest2 = Float(1 - beta2)
    self.epsilon = Float(epsilon)
    self.stepSize = Float(stepSize)
    self.rootCorrection = Float(rootCorrection)
  }
}
