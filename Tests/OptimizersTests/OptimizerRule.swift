import ConvoyTestSupport
import Optimizers
import Testing

/// One optimizer, with its rule once more in double precision and with the error of each operation
/// added up.
struct OptimizerRule: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// With L2, or decay of the same factor.
  private let make: @Sendable (Double) throws -> any Optimizer
  /// (parameter, gradient with L2, moments) and the step.
  let update: @Sendable (inout State, Rounded, UpdateStep) -> Void
  /// The decay of AdamW and Lion takes the place of L2.
  var isDecoupled = false

  struct State {
    var parameter: Rounded
    var first = Rounded(0)
    var second = Rounded(0)
    var third = Rounded(0)
  }

  func optimizer(l2: Double) throws -> any Optimizer { try make(l2) }

  private init(
    _ name: String, _ make: @escaping @Sendable (Double) throws -> any Optimizer,
    update: @escaping @Sendable (inout State, Rounded, UpdateStep) -> Void
  ) {
    testDescription = name
    self.make = make
    self.update = update
  }

  /// The rules that update each parameter by itself.
  static let all = [
    OptimizerRule(
      "gradient descent", { try StochasticGradientDescent(l2: $0) },
      update: { state, gradient, step in
        state.parameter = state.parameter - gradient * rounded(step.learningRate)
      }),
    momentum(nesterov: false), momentum(nesterov: true),
    rmsProp(centred: false, momentum: 0), rmsProp(centred: true, momentum: 0),
    rmsProp(centred: false, momentum: 0.75), rmsProp(centred: true, momentum: 0.75),
    OptimizerRule(
      "Adam", { try Adam(beta1: 0.8, beta2: 0.95, epsilon: 0.0625, l2: $0) }, update: adam),
    adamW, lion,
  ]

  /// With those that look at whole tensors, of which there is no update of one parameter.
  static let withTensorRules =
    all + [
      OptimizerRule(
        "LAMB", { try Lamb(beta1: 0.8, beta2: 0.95, epsilon: 0.0625, weightDecay: $0) },
        update: { _, _, _ in Issue.record("not an update of one parameter") })
    ]

  private static func momentum(nesterov: Bool) -> OptimizerRule {
    OptimizerRule(
      nesterov ? "Nesterov" : "momentum",
      { try Momentum(momentum: 0.75, nesterov: nesterov, l2: $0) },
      update: { state, gradient, step in
        state.first = state.first * Rounded(0.75) + gradient
        let direction = nesterov ? gradient + state.first * Rounded(0.75) : state.first
        state.parameter = state.parameter - direction * rounded(step.learningRate)
      })
  }

  private static func rmsProp(centred: Bool, momentum: Double) -> OptimizerRule {
    OptimizerRule(
      "RMSProp" + (centred ? ", centred" : "") + (momentum > 0 ? ", with momentum" : ""),
      {
        try RMSProp(
          decay: 0.9, epsilon: 0.0625, centred: centred, momentum: momentum, l2: $0)
      },
      update: { state, gradient, step in
        let (decay, rest) = (rounded(0.9), rounded(1 - 0.9))
        state.first = state.first * decay + gradient * gradient * rest
        var square = state.first
        if centred {
          state.second = state.second * decay + gradient * rest
          square = square - state.second * state.second
        }
        let root = square.squareRoot() + Rounded(0.0625)
        if momentum > 0 {
          state.third = state.third * Rounded(0.75) + gradient / root
          state.parameter = state.parameter - state.third * rounded(step.learningRate)
        } else {
          state.parameter = state.parameter - gradient * rounded(step.learningRate) / root
        }
      })
  }

  private static let adamW: OptimizerRule = {
    var rule = OptimizerRule(
      "AdamW", { try AdamW(beta1: 0.8, beta2: 0.95, epsilon: 0.0625, weightDecay: $0) },
      update: adam)
    rule.isDecoupled = true
    return rule
  }()

  private static let lion: OptimizerRule = {
    var rule = OptimizerRule(
      "Lion", { try Lion(beta1: 0.8, beta2: 0.95, weightDecay: $0) },
      update: { state, gradient, step in
        let direction = state.first * rounded(0.8) + gradient * rounded(1 - 0.8)
        #expect(abs(direction.value) > direction.error, "rounding must not decide the sign")
        let rate = rounded(step.learningRate)
        state.parameter = direction.value < 0 ? state.parameter + rate : state.parameter - rate
        state.first = state.first * rounded(0.95) + gradient * rounded(1 - 0.95)
      })
    rule.isDecoupled = true
    return rule
  }()

  private static func adam(_ state: inout State, _ gradient: Rounded, _ step: UpdateStep) {
    let (beta1, beta2) = (rounded(0.8), rounded(0.95))
    state.first = state.first * beta1 + gradient * rounded(1 - 0.8)
    state.second = state.second * beta2 + gradient * gradient * rounded(1 - 0.95)
    // Corrections, and what is left of 1, are made in double precision and rounded once.
    let rate = step.learningRate / (1 - power(beta1.value, step.number))
    let root = 1 / (1 - power(beta2.value, step.number)).squareRoot()
    let divisor = state.second.squareRoot() * rounded(root) + Rounded(0.0625)
    state.parameter = state.parameter - state.first * rounded(rate) / divisor
  }

  private static func rounded(_ value: Double) -> Rounded { Rounded(rounding: value) }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
