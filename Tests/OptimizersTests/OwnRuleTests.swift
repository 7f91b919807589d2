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

  @Test("see a gradient that is not a number")
  func notANumber() throws {
    var parameters: [Float] = [0, 0]
    let optimizer = OwnMomentum(l2: 0)
    var state = OptimizerState(for: optimizer, parameterCount: 2)
    optimizer.update(&parameters, along: [.nan, 8], state: &state, clipping: try .value(1))
    #expect(parameters[0].isNaN && parameters[1] == -0.02)
  }
}
