/// What happens to gradients and parameters before a rule sees them: clipping, L2 and decoupled
/// decay, in this order.
struct GradientPreparation {
  private let scale: Float
  private let limit: Float
  private let l2: Float
  /// 1 − rate · decay.
  private let shrinkage: Float

  init(for step: UpdateStep, l2: Double = 0, weightDecay: Double = 0) {
    scale = Float(step.gradientScale)
    limit = Float(step.gradientLimit)
    self.l2 = step.isDecayed ? Float(l2) : 0
    shrinkage = step.isDecayed ? Float(1 - step.learningRate * weightDecay) : 1
  }

  var changesNothing: Bool { scale == 1 && limit == .infinity && l2 == 0 && shrinkage == 1 }

  @inline(__always)
  func apply(to gradient: inout Lanes, of parameter: inout Lanes) {
    gradient *= scale
    // Comparisons leave NaN as it is.
    gradient.replace(with: limit, where: gradient .> limit)
    gradient.replace(with: -limit, where: gradient .< -limit)
    gradient += parameter * l2
    parameter *= shrinkage
  }
}
