/// The moments are the mean and the mean square.
struct AdamRule: BlockRule {
  let beta1: Float
  let rest1: Float
  let beta2: Float
  let rest2: Float
  let epsilon: Float
  /// The rate, divided by 1 − β₁ᵗ.
  let stepSize: Float
  /// 1 / √(1 − β₂ᵗ).
  let rootCorrection: Float

  init(beta1: Double, beta2: Double, epsilon: Double, step: UpdateStep) {
    self.beta1 = Float(beta1)
    self.rest1 = Float(1 - beta1)
    self.beta2 = Float(beta2)
    self.rest2 = Float(1 - beta2)
    self.epsilon = Float(epsilon)
    stepSize = Float(step.learningRate / (1 - power(beta1, step.number)))
    rootCorrection = Float(1 / (1 - power(beta2, step.number)).squareRoot())
  }

  static var momentCount: Int { 2 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    moments.first = moments.first * beta1 + gradient * rest1
    moments.second = moments.second * beta2 + gradient * gradient * rest2
    parameter -=
      moments.first * stepSize / (moments.second.squareRoot() * rootCorrection + epsilon)
  }
}
