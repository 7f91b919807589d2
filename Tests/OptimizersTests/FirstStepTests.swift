import Optimizers
import Testing

/// One step of each rule by hand. All numbers are sums of few powers of two, so that single precision
/// is exact throughout.
@Suite("First steps by hand")
struct FirstStepTests {
  /// p = 1 − 0.25 · 0.5 = 0.875.
  @Test("gradient descent")
  func gradientDescent() {
    #expect(step(StochasticGradientDescent(), rate: 0.25).parameters == [0.875])
  }

  /// v = 0.75 · 0 + 0.5 = 0.5, p = 1 − 0.25 · 0.5 = 0.875. Then, along 0.5 once more,
  /// v = 0.75 · 0.5 + 0.5 = 0.875, p = 0.875 − 0.25 · 0.875 = 0.65625.
  @Test("momentum, and a second step, where it shows")
  func momentum() {
    var block = step(Momentum(momentum: 0.75), rate: 0.25)
    #expect(block.parameters == [0.875])
    #expect(block.first == [0.5])
    block.update(by: Momentum(momentum: 0.75), UpdateStep(number: 2, learningRate: 0.25))
    #expect(block.first == [0.875])
    #expect(block.parameters == [0.65625])
  }

  /// s = 0.75 · 0 + 0.25 · 0.5² = 0.0625, √s = 0.25, p = 1 − 0.25 · 0.5 / (0.25 + 0.25) = 0.75.
  /// Epsilon under the root would give √0.3125 = 0.559, and 0.776.
  @Test("RMSProp")
  func rmsProp() {
    let block = step(RMSProp(decay: 0.75, epsilon: 0.25), rate: 0.25)
    #expect(block.first == [0.0625])
    #expect(block.parameters == [0.75])
  }

  /// m = 0.5 · 0 + 0.5 · 0.5 = 0.25, corrected 0.25 / (1 − 0.5) = 0.5;
  /// v = 0.75 · 0 + 0.25 · 0.5² = 0.0625, corrected 0.0625 / (1 − 0.75) = 0.25, its root 0.5;
  /// p = 1 − 0.25 · 0.5 / (0.5 + 0.5) = 0.875.
  /// Epsilon before the correction of v would divide by 2 · (0.25 + 0.5) = 1.5 and give 0.917.
  @Test("Adam")
  func adam() {
    let block = step(Adam(beta1: 0.5, beta2: 0.75, epsilon: 0.5), rate: 0.25)
    #expect(block.first == [0.25])
    #expect(block.second == [0.0625])
    #expect(block.parameters == [0.875])
  }

  /// From 2 with L2 of 0.25 the gradient is 0.5 + 0.25 · 2 = 1, so that gradient descent gives
  /// 2 − 0.25 · 1 = 1.75, and momentum remembers 1, RMSProp 0.25 · 1² = 0.25 and Adam 0.5 · 1 = 0.5.
  @Test("L2 is part of the gradient that a rule sees")
  func l2() {
    func regularized(_ optimizer: some Optimizer) -> ParameterBlock {
      step(optimizer, from: 2, rate: 0.25, l2: 0.25)
    }
    #expect(regularized(StochasticGradientDescent()).parameters == [1.75])
    #expect(regularized(Momentum()).first == [1])
    #expect(regularized(RMSProp(decay: 0.75)).first == [0.25])
    #expect(regularized(Adam(beta1: 0.5)).first == [0.5])
  }

  /// Along the gradient 1 the moments are 1 − β. In single precision 1 − 0.999 would be off by 1e−5.
  @Test("what is left of 1 is rounded once")
  func remainders() {
    var block = ParameterBlock(parameters: [1], gradients: [1])
    block.update(
      by: Adam(beta1: 0.9, beta2: 0.999), UpdateStep(number: 1, learningRate: 0.001))
    #expect(block.first == [0.1])
    #expect(block.second == [0.001])
    block = ParameterBlock(parameters: [1], gradients: [1])
    block.update(by: RMSProp(decay: 0.99), UpdateStep(number: 1, learningRate: 0.001))
    #expect(block.first == [0.01])
  }

  @Test("the numbers a rule remembers")
  func momentCounts() {
    #expect(OptimizerRule.all.map(\.optimizer.momentCount) == [0, 1, 1, 2])
  }

  /// Along the gradient 0.5.
  private func step(
    _ optimizer: some Optimizer, from parameter: Double = 1, rate: Double, l2: Double = 0
  ) -> ParameterBlock {
    var block = ParameterBlock(parameters: [parameter], gradients: [0.5])
    block.update(by: optimizer, UpdateStep(number: 1, learningRate: rate, l2: l2))
    return block
  }
}
