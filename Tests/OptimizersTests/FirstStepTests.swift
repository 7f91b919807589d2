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
  func momentum() throws {
    var block = step(try Momentum(momentum: 0.75), rate: 0.25)
    #expect(block.parameters == [0.875])
    #expect(block.first == [0.5])
    block.update(by: try Momentum(momentum: 0.75), UpdateStep(number: 2, learningRate: 0.25))
    #expect(block.first == [0.875])
    #expect(block.parameters == [0.65625])
  }

  /// s = 0.75 · 0 + 0.25 · 0.5² = 0.0625, √s = 0.25, p = 1 − 0.25 · 0.5 / (0.25 + 0.25) = 0.75.
  /// Epsilon under the root would give √0.3125 = 0.559, and 0.776.
  @Test("RMSProp")
  func rmsProp() throws {
    let block = step(try RMSProp(decay: 0.75, epsilon: 0.25), rate: 0.25)
    #expect(block.first == [0.0625])
    #expect(block.parameters == [0.75])
  }

  /// m = 0.5 · 0 + 0.5 · 0.5 = 0.25, corrected 0.25 / (1 − 0.5) = 0.5;
  /// v = 0.75 · 0 + 0.25 · 0.5² = 0.0625, corrected 0.0625 / (1 − 0.75) = 0.25, its root 0.5;
  /// p = 1 − 0.25 · 0.5 / (0.5 + 0.5) = 0.875.
  /// Epsilon before the correction of v would divide by 2 · (0.25 + 0.5) = 1.5 and give 0.917.
  @Test("Adam")
  func adam() throws {
    let block = step(try Adam(beta1: 0.5, beta2: 0.75, epsilon: 0.5), rate: 0.25)
    #expect(block.first == [0.25])
    #expect(block.second == [0.0625])
    #expect(block.parameters == [0.875])
  }

  /// v = 0.5, and the step looks ahead along 0.5 + 0.75 · 0.5 = 0.875: p = 1 − 0.25 · 0.875 = 0.78125.
  @Test("momentum with Nesterov's look-ahead")
  func nesterov() throws {
    let block = step(try Momentum(momentum: 0.75, nesterov: true), rate: 0.25)
    #expect(block.first == [0.5])
    #expect(block.parameters == [0.78125])
  }

  /// With decay 0.5, s = 0.125, ḡ = 0.25 and s − ḡ² = 0.0625, whose root is 0.25;
  /// p = 1 − 0.25 · 0.5 / (0.25 + 0.25) = 0.75.
  @Test("RMSProp, centred")
  func centred() throws {
    let block = step(try RMSProp(decay: 0.5, epsilon: 0.25, centred: true), rate: 0.25)
    #expect(block.first == [0.125])
    #expect(block.second == [0.25])
    #expect(block.parameters == [0.75])
  }

  /// As above, v = 0.5 / (0.25 + 0.25) = 1 and p = 1 − 0.25 · 1 = 0.75. Along 0 then, with s = 0.0625
  /// and ḡ = 0.125, v = 0.75 · 1 + 0 and p = 0.75 − 0.25 · 0.75 = 0.5625.
  @Test("RMSProp, centred and with momentum, and a second step, where it shows")
  func centredWithMomentum() throws {
    let optimizer = try RMSProp(decay: 0.5, epsilon: 0.25, centred: true, momentum: 0.75)
    var block = step(optimizer, rate: 0.25)
    #expect(block.third == [1])
    #expect(block.parameters == [0.75])
    block.update(by: optimizer, UpdateStep(number: 2, learningRate: 0.25), gradients: [0])
    #expect(block.first == [0.0625])
    #expect(block.second == [0.125])
    #expect(block.third == [0.75])
    #expect(block.parameters == [0.5625])
  }

  /// Without centring the velocity is the second moment: √s = 0.25, v = 0.5 / (0.25 + 0.25) = 1.
  @Test("RMSProp with momentum")
  func rmsPropWithMomentum() throws {
    let block = step(try RMSProp(decay: 0.75, epsilon: 0.25, momentum: 0.5), rate: 0.25)
    #expect(block.second == [1])
    #expect(block.parameters == [0.75])
  }

  /// A long row of equal gradients makes s − ḡ² zero or, by rounding, less: no root of it is NaN.
  @Test("a variance that rounding makes negative is none")
  func negativeVariance() throws {
    let optimizer = try RMSProp(decay: 0.9, epsilon: 1, centred: true)
    let gradients = (1...64).map { Double(Float($0) / 7) }
    var block = ParameterBlock(
      parameters: Array(repeating: 1, count: gradients.count), gradients: gradients)
    var wasNegative = false
    for number in 1...400 {
      block.update(by: optimizer, UpdateStep(number: number, learningRate: 1e-6))
      wasNegative =
        wasNegative || zip(block.first, block.second).contains { $0 - $1 * $1 < 0 }
    }
    #expect(wasNegative)
    #expect(block.parameters.allSatisfy { $0.isFinite })
  }

  /// p = 1 · (1 − 0.25 · 0.5) = 0.875 first, and then Adam's step of 0.125 from above: 0.75. The
  /// moments know nothing of it.
  @Test("AdamW")
  func adamW() throws {
    let block = step(
      try AdamW(beta1: 0.5, beta2: 0.75, epsilon: 0.5, weightDecay: 0.5), rate: 0.25)
    #expect(block.first == [0.25])
    #expect(block.second == [0.0625])
    #expect(block.parameters == [0.75])
  }

  /// p = 1 · (1 − 0.25 · 0.5) = 0.875 first, and then 0.25 against the gradient's sign: 0.625.
  /// m = 0.25 · 0.5 = 0.125. Along −0.5 then, 0.5 · 0.125 − 0.5 · 0.5 = −0.1875 is negative, so that
  /// p = 0.625 · 0.875 + 0.25 = 0.796875, and m = 0.75 · 0.125 − 0.25 · 0.5 = −0.03125.
  @Test("Lion, and a second step, where the mean shows")
  func lion() throws {
    let optimizer = try Lion(beta1: 0.5, beta2: 0.75, weightDecay: 0.5)
    var block = step(optimizer, rate: 0.25)
    #expect(block.parameters == [0.625])
    #expect(block.first == [0.125])
    block.update(by: optimizer, UpdateStep(number: 2, learningRate: 0.25), gradients: [-0.5])
    #expect(block.parameters == [0.796875])
    #expect(block.first == [-0.03125])
  }

  /// The mean decides where it outweighs the gradient: after 1 · 0.25 · 0.5 = 0.125,
  /// 0.75 · 0.125 − 0.25 · 0.25 = 0.03125 is positive. In the second column it makes up for the gradient,
  /// 0.75 · 0.125 − 0.25 · 0.375 = 0, and the parameter stays.
  @Test("Lion's sign of 0 is 0, and that of a number that is none is none")
  func lionSigns() throws {
    let optimizer = try Lion(beta1: 0.75, beta2: 0.75, weightDecay: 0)
    var block = ParameterBlock(parameters: [1, 1, 1, 1], gradients: [0.5, 0.5, 0, .nan])
    block.update(by: optimizer, UpdateStep(number: 1, learningRate: 0.25))
    #expect(block.parameters.prefix(3) == [0.75, 0.75, 1])
    #expect(block.parameters[3].isNaN && block.first[3].isNaN)
    block.update(
      by: optimizer, UpdateStep(number: 2, learningRate: 0.25), gradients: [-0.25, -0.375, 0, 0])
    #expect(block.parameters.prefix(3) == [0.5, 0.75, 1])
  }

  /// From 2 with L2 of 0.25 the gradient is 0.5 + 0.25 · 2 = 1, so that gradient descent gives
  /// 2 − 0.25 · 1 = 1.75, and momentum remembers 1, RMSProp 0.25 · 1² = 0.25 and Adam 0.5 · 1 = 0.5.
  @Test("L2 is part of the gradient that a rule sees")
  func l2() throws {
    func regularized(_ optimizer: some Optimizer) -> ParameterBlock {
      step(optimizer, from: 2, rate: 0.25)
    }
    #expect(try regularized(StochasticGradientDescent(l2: 0.25)).parameters == [1.75])
    #expect(try regularized(Momentum(l2: 0.25)).first == [1])
    #expect(try regularized(RMSProp(decay: 0.75, l2: 0.25)).first == [0.25])
    #expect(try regularized(Adam(beta1: 0.5, l2: 0.25)).first == [0.5])
  }

  @Test("parameters that are not decayed get neither L2 nor weight decay")
  func undecayed() throws {
    func undecayed(_ optimizer: some Optimizer) -> ParameterBlock {
      step(optimizer, from: 2, rate: 0.25, isDecayed: false)
    }
    #expect(try undecayed(StochasticGradientDescent(l2: 0.25)).parameters == [1.875])
    let free = try AdamW(beta1: 0.5, beta2: 0.75, epsilon: 0.5, weightDecay: 0.5)
    #expect(undecayed(free).parameters == [1.875])
    #expect(undecayed(try Lion(weightDecay: 0.5)).parameters == [1.75])
  }

  /// 4 · 0.5 = 2, limited to 1; L2 comes after both: 1 + 0.25 · 2 = 1.5, p = 2 − 0.25 · 1.5 = 1.625.
  @Test("gradients are scaled, then limited, then joined by L2")
  func clipping() throws {
    for (gradient, expected) in [(0.5, 1.625), (-0.5, 2.125), (0.0625, 1.8125)] {
      var block = ParameterBlock(parameters: [2], gradients: [gradient])
      block.update(
        by: try StochasticGradientDescent(l2: 0.25),
        UpdateStep(number: 1, learningRate: 0.25, gradientScale: 4, gradientLimit: 1))
      #expect(block.parameters == [Float(expected)])
    }
  }

  /// Along the gradient 1 the moments are 1 − β. In single precision 1 − 0.999 would be off by 1e−5.
  @Test("what is left of 1 is rounded once")
  func remainders() throws {
    var block = ParameterBlock(parameters: [1], gradients: [1])
    block.update(
      by: try Adam(beta1: 0.9, beta2: 0.999), UpdateStep(number: 1, learningRate: 0.001))
    #expect(block.first == [0.1])
    #expect(block.second == [0.001])
    block = ParameterBlock(parameters: [1], gradients: [1])
    block.update(by: try RMSProp(decay: 0.99), UpdateStep(number: 1, learningRate: 0.001))
    #expect(block.first == [0.01])
    block = ParameterBlock(parameters: [1], gradients: [1])
    block.update(by: try Lion(beta2: 0.99), UpdateStep(number: 1, learningRate: 0.001))
    #expect(block.first == [0.01])
  }

  @Test("what a rule remembers")
  func momentNames() throws {
    #expect(StochasticGradientDescent().momentNames == [])
    #expect(Momentum().momentNames == ["momentum_buffer"])
    #expect(RMSProp().momentNames == ["square_avg"])
    #expect(try RMSProp(centred: true).momentNames == ["square_avg", "grad_avg"])
    #expect(try RMSProp(momentum: 0.5).momentNames == ["square_avg", "momentum_buffer"])
    #expect(
      try RMSProp(centred: true, momentum: 0.5).momentNames
        == ["square_avg", "grad_avg", "momentum_buffer"])
    #expect(Adam().momentNames == ["exp_avg", "exp_avg_sq"])
    #expect(AdamW().momentNames == ["exp_avg", "exp_avg_sq"])
    #expect(Lion().momentNames == ["exp_avg"])
    #expect(Lamb().momentNames == ["exp_avg", "exp_avg_sq"])
    #expect(Muon().momentNames == ["exp_avg", "exp_avg_sq"])
  }

  /// Along the gradient 0.5.
  private func step(
    _ optimizer: some Optimizer, from parameter: Double = 1, rate: Double, isDecayed: Bool = true
  ) -> ParameterBlock {
    var block = ParameterBlock(parameters: [parameter], gradients: [0.5])
    block.update(by: optimizer, UpdateStep(number: 1, learningRate: rate, isDecayed: isDecayed))
    return block
  }
}
