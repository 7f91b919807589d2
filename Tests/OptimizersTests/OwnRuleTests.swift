import ConvoyTestSupport
import Optimizers
import Testing

/// Rules written outside the module, as anybody may.
@Suite("Rules of one's own")
struct OwnRuleTests {
  /// Momentum once more.
  private struct OwnMomentum: Optimizer {
    let name = "own momentum"
    let momentNames = ["velocity"]
    let learningRate = 0.02
    let l2: Double

    func update(_ block: borrowing UpdateBlock) {
      let rate = Float(block.learningRate)
      block.updateEach(l2: l2) { parameter, gradient, moments in
        moments.first = moments.first * 0.9 + gradient
        parameter -= moments.first * rate
      }
    }
  }

  /// Adam once more, with decay.
  private struct OwnAdamW: Optimizer {
    let name = "own adamw"
    let momentNames = ["mean", "square"]
    let learningRate = 0.001
    let weightDecay: Double

    func update(_ block: borrowing UpdateBlock) {
      func power(_ base: Double) -> Double {
        (1...block.stepNumber).reduce(1) { product, _ in product * base }
      }
      let rate = Float(block.learningRate / (1 - power(0.5)))
      let correction = Float(1 / (1 - power(0.75)).squareRoot())
      block.updateEach(weightDecay: weightDecay) { parameter, gradient, moments in
        moments.first = moments.first * 0.5 + gradient * 0.5
        moments.second = moments.second * 0.75 + gradient * gradient * 0.25
        parameter -= moments.first * rate / (moments.second.squareRoot() * correction + 0.0625)
      }
    }
  }

  /// LAMB once more.
  private struct OwnLamb: TwoPassOptimizer {
    let name = "own lamb"
    let momentNames = ["mean", "square"]
    let learningRate = 0.01
    let weightDecay: Double

    private func direction(_ block: borrowing UpdateBlock) -> (Float, ParameterMoments) -> Float {
      func power(_ base: Double) -> Double {
        (1...block.stepNumber).reduce(1) { product, _ in product * base }
      }
      let meanCorrection = Float(1 / (1 - power(0.5)))
      let rootCorrection = Float(1 / (1 - power(0.75)).squareRoot())
      let decay = Float(block.decay(weightDecay))
      return { parameter, moments in
        let root = moments.second.squareRoot() * rootCorrection + 0.0625
        return moments.first * meanCorrection / root + parameter * decay
      }
    }

    func measure(_ block: borrowing UpdateBlock) -> TensorSums {
      let direction = direction(block)
      return block.sumEach { parameter, gradient, moments in
        moments.first = moments.first * 0.5 + gradient * 0.5
        moments.second = moments.second * 0.75 + gradient * gradient * 0.25
        let (p, u) = (Double(parameter), Double(direction(parameter, moments)))
        return TensorSums(first: p * p, second: u * u)
      }
    }

    func update(_ block: borrowing UpdateBlock, measured sums: TensorSums) {
      let direction = direction(block)
      let rate = Float(block.learningRate * (sums.first / sums.second).squareRoot())
      block.updateEach { parameter, _, moments in
        parameter -= direction(parameter, moments) * rate
      }
    }
  }

  /// A decoupled decay, an L2 term and clipping in both passes: a step of the rate against the
  /// gradient over its norm.
  private struct OwnUnitDescent: TwoPassOptimizer {
    let name = "own unit descent"
    let momentNames: [String] = []
    let learningRate = 0.25

    func measure(_ block: borrowing UpdateBlock) -> TensorSums {
      block.sumEach(l2: 0.5) { _, gradient, _ in
        TensorSums(first: Double(gradient) * Double(gradient), second: 1)
      }
    }

    func update(_ block: borrowing UpdateBlock, measured sums: TensorSums) {
      let rate = Float(block.learningRate / sums.first.squareRoot())
      block.updateEach(l2: 0.5, weightDecay: 0.5) { parameter, gradient, _ in
        parameter -= gradient * rate * Float(sums.second)
      }
    }
  }

  /// Parameters and moments after three steps, of which some are not decayed.
  private func trained(_ optimizer: some Optimizer, _ clipping: GradientClipping) -> [UInt32] {
    let count = GradientNorm.blockSize + 19
    var parameters = SeededGenerator.floats(seed: 1, count: count)
    var state = OptimizerState(for: optimizer, parameterCount: count)
    for number in 1...3 {
      optimizer.update(
        &parameters, along: SeededGenerator.floats(seed: UInt64(number) + 1, count: count),
        state: &state, clipping: clipping, groups: [.weights(0..<40_001), .biases(40_001..<count)],
        threads: number)
    }
    let moments = state.namedArrays.dropFirst().flatMap(\.values)
    return (parameters + moments).map(\.bitPattern)
  }

  @Test("get clipped gradients, L2 and decay as those of the module do, bit for bit")
  func preparation() throws {
    for (name, clipping) in [
      ("none", .none), ("norm", try GradientClipping.norm(0.5)), ("value", try .value(0.25)),
    ] {
      for decay in [0, 0.125] {
        // Booleans: the arrays are too long to be told apart number by number.
        let sameMomentum =
          trained(OwnMomentum(l2: decay), clipping)
          == trained(try Momentum(momentum: 0.9, l2: decay), clipping)
        #expect(sameMomentum, "clipping by \(name), L2 \(decay)")
        let decayed = try AdamW(beta1: 0.5, beta2: 0.75, epsilon: 0.0625, weightDecay: decay)
        let sameAdamW =
          trained(OwnAdamW(weightDecay: decay), clipping) == trained(decayed, clipping)
        #expect(sameAdamW, "clipping by \(name), decay \(decay)")
      }
    }
  }

  /// The ratio of norms is rounded to single precision, which hides the order of their sums.
  @Test("of two passes get them as LAMB does, bit for bit")
  func preparationOfTwoPasses() throws {
    for (name, clipping) in [
      ("none", .none), ("norm", try GradientClipping.norm(0.5)), ("value", try .value(0.25)),
    ] {
      for decay in [0, 0.125] {
        let lamb = try Lamb(
          learningRate: 0.01, beta1: 0.5, beta2: 0.75, epsilon: 0.0625, weightDecay: decay)
        let same = trained(OwnLamb(weightDecay: decay), clipping) == trained(lamb, clipping)
        #expect(same, "clipping by \(name), decay \(decay)")
      }
    }
  }

  /// Weights: (8, 0) is limited to (2, 0), with L2 (2 + 0.5 · 4, 0.5 · 6) = (4, 3), whose norm is 5; there are
  /// 2 numbers. p = 4 · (1 − 0.25 · 0.5) − 4 · 0.25 / 5 · 2 = 3.1, and 6 · 0.875 − 3 · 0.1 = 4.95.
  /// Biases: (2, 0), without L2 and decay: 4 − 2 · 0.25 / 2 · 2 = 3.5, and 6 stays.
  @Test("of two passes get them in both, by hand, and the sums of their own tensor")
  func bothPasses() throws {
    let optimizer = OwnUnitDescent()
    var parameters: [Float] = [4, 6, 4, 6]
    var state = OptimizerState(for: optimizer, parameterCount: 4)
    optimizer.update(
      &parameters, along: [8, 0, 8, 0], state: &state, clipping: try .value(2),
      groups: [.weights(0..<2), .biases(2..<4)])
    for (found, expected) in zip(parameters, [3.1, 4.95, 3.5, 6] as [Float]) {
      #expect(abs(found - expected) <= expected.ulp)
    }
  }

  @Test("of two passes take a block alone as a tensor")
  func blockAlone() throws {
    var block = ParameterBlock(parameters: [4, 6], gradients: [2, 0])
    block.update(by: OwnUnitDescent(), UpdateStep(number: 1, learningRate: 0.25, isDecayed: false))
    #expect(block.parameters == [3.5, 6])
  }

  @Test("see a gradient that is not a number")
  func notANumber() throws {
    var parameters: [Float] = [0, 0]
    let optimizer = OwnMomentum(l2: 0)
    var state = OptimizerState(for: optimizer, parameterCount: 2)
    optimizer.update(&parameters, along: [.nan, 8], state: &state, clipping: try .value(1))
    #expect(parameters[0].isNaN && parameters[1] == -0.02)
  }
}
