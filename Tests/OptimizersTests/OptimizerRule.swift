import Optimizers
import TestSupport
import Testing

/// One optimizer, with its rule once more in double precision and with the error of each operation
/// added up.
struct OptimizerRule: Sendable, CustomTestStringConvertible {
  let optimizer: any Optimizer
  let testDescription: String
  /// (parameter, gradient with L2, first moment, second moment) and the step.
  let update: @Sendable (inout State, Rounded, UpdateStep) -> Void

  struct State {
    var parameter: Rounded
    var first = Rounded(0)
    var second = Rounded(0)
  }

  static let all = [
    OptimizerRule(
      optimizer: StochasticGradientDescent(), testDescription: "gradient descent"
    ) { state, gradient, step in
      state.parameter = state.parameter - gradient * rounded(step.learningRate)
    },
    OptimizerRule(optimizer: Momentum(momentum: 0.75), testDescription: "momentum") {
      state, gradient, step in
      state.first = state.first * Rounded(0.75) + gradient
      state.parameter = state.parameter - state.first * rounded(step.learningRate)
    },
    OptimizerRule(
      optimizer: RMSProp(decay: 0.9, epsilon: 0.0625), testDescription: "RMSProp"
    ) { state, gradient, step in
      let decay = rounded(0.9)
      let square = gradient * gradient * rounded(1 - 0.9)
      state.first = state.first * decay + square
      let root = state.first.squareRoot() + Rounded(0.0625)
      state.parameter = state.parameter - gradient * rounded(step.learningRate) / root
    },
    OptimizerRule(
      optimizer: Adam(beta1: 0.8, beta2: 0.95, epsilon: 0.0625), testDescription: "Adam"
    ) { state, gradient, step in
      let (beta1, beta2) = (rounded(0.8), rounded(0.95))
      state.first = state.first * beta1 + gradient * rounded(1 - 0.8)
      state.second = state.second * beta2 + gradient * gradient * rounded(1 - 0.95)
      // Corrections, and what is left of 1, are made in double precision and rounded once.
      let rate = step.learningRate / (1 - power(beta1.value, step.number))
      let root = 1 / (1 - power(beta2.value, step.number)).squareRoot()
      let divisor = state.second.squareRoot() * rounded(root) + Rounded(0.0625)
      state.parameter =
        state.parameter - state.first * rounded(rate) / divisor
    },
  ]

  private static func rounded(_ value: Double) -> Rounded { Rounded(rounding: value) }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
