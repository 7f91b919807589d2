/// What one step of an optimizer knows beside the rule: the same for all blocks of parameters, but
/// for rates and decay that differ between groups.
package struct UpdateStep: Sendable, Equatable {
  /// Counted from 1.
  package let number: Int
  package let learningRate: Double
  /// Whether the rule's L2 and weight decay act on these parameters; biases are usually spared.
  package let isDecayed: Bool
  /// Each gradient is multiplied by this, as clipping by norm asks.
  package let gradientScale: Double
  /// After scaling, each gradient is limited to ±`gradientLimit`. L2 is added after both.
  package let gradientLimit: Double

  package init(
    number: Int, learningRate: Double, isDecayed: Bool = true, gradientScale: Double = 1,
    gradientLimit: Double = .infinity
  ) {
    precondition(number >= 1, "steps are counted from 1")
    precondition(
      learningRate >= 0 && Float(learningRate).isFinite, "a rate is finite and not negative")
    precondition(gradientLimit > 0, "the limit of gradients is positive")
    self.number = number
    self.learningRate = learningRate
    self.isDecayed = isDecayed
    self.gradientScale = gradientScale
    self.gradientLimit = gradientLimit
  }
}
