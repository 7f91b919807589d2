/// Plain stochastic gradient descent (Robbins and Monro, 1951): p ← p − rate · g.
public struct StochasticGradientDescent: Optimizer {
  public var learningRate: Double
  public var momentCount: Int { DescentRule.momentCount }

  public init(learningRate: Double = 0.05) { self.learningRate = learningRate }

  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep
  ) {
    sweep(
      parameters, along: gradients, moments: moments, step: step,
      by: DescentRule(rate: Float(step.learningRate)))
  }
}

private struct DescentRule: BlockRule {
  let rate: Float

  static var momentCount: Int { 0 }

  @inline(__always)
  func update(
    _ parameter: inout Lanes, along gradient: Lanes, first _: inout Lanes, second _: inout Lanes
  ) {
    parameter -= gradient * rate
  }
}
