/// What RMSProp's loop multiplies by in one step.
package struct RMSPropCoefficients {
  package let rate: Float
  package let decay: Float
  /// 1 − decay.
  package let rest: Float
  package let epsilon: Float
  package let momentum: Float

  package init(rate: Double, decay: Double, epsilon: Double, momentum: Double) {
    self.rate = Float(rate)
    self.decay = Float(decay)
    self.rest = Float(1 - decay)
    self.epsilon = Float(epsilon)
    self.momentum = Float(momentum)
  }
}
