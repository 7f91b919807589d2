/// One step of an optimizer, the same for all blocks of parameters.
public struct UpdateStep: Sendable, Equatable {
  /// Counted from 1.
  public var number: Int
  public var learningRate: Float
  /// Coupled L2 regularisation: `l2 · parameter` is added to the gradient before the rule sees it.
  public var l2: Float

  public init(number: Int, learningRate: Float, l2: Float = 0) {
    precondition(number >= 1, "steps are counted from 1")
    self.number = number
    self.learningRate = learningRate
    self.l2 = l2
  }
}
