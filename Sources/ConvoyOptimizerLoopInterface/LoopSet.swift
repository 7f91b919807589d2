/// The loops of all rules, as one instruction set offers them. Every set gives the same bits.
package protocol LoopSet: Sendable {
  /// Gradient descent. No moments.
  func descend(_ block: BlockMemory, _ preparation: GradientPreparation, rate: Float)

  /// Momentum. The moment is the velocity.
  func descend(
    _ block: BlockMemory, _ preparation: GradientPreparation, rate: Float, momentum: Float,
    nesterov: Bool)

  /// RMSProp. The moments are the mean square; the mean, if centred; and the velocity, if the
  /// momentum is not 0.
  func rmsProp(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: RMSPropCoefficients,
    centred: Bool)

  /// Adam. The moments are the mean and the mean square.
  func adam(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: AdamCoefficients)

  /// In double precision: eight running sums, and those in pairs at the end.
  func sumOfSquares(of values: UnsafePointer<Float>, count: Int) -> Double
}
