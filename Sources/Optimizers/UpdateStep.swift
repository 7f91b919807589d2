/// One step of an optimizer, the same for all blocks of parameters.
public struct UpdateStep: Sendable, Equatable {
  /// Counted from 1.
  public var number: Int
  public var learningRate: Double
  /// Coupled L2 regularisation: `l2 · parameter` is added to the gradient before the rule sees it.
  public var l2: Double

  public init(number: Int, learningRate: Double, l2: Double = 0) {
    precondition(number >= 1, "steps are counted from 1")
    self.number = number
    self.learningRate = learningRate
    self.l2 = l2
  }
}
