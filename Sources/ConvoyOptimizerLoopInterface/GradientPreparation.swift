/// What happens to gradients and parameters before a rule sees them: clipping, L2 and decoupled
/// decay, in this order.
package struct GradientPreparation {
  package let scale: Float
  package let limit: Float
  package let l2: Float
  /// 1 − rate · decay.
  package let shrinkage: Float

  package init(scale: Float, limit: Float, l2: Float, shrinkage: Float) {
    self.scale = scale
    self.limit = limit
    self.l2 = l2
    self.shrinkage = shrinkage
  }

  package var changesNothing: Bool {
    scale == 1 && limit == .infinity && l2 == 0 && shrinkage == 1
  }
}
