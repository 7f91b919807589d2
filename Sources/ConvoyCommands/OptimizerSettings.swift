import Optimizers

/// An optimizer and its numbers; of these it takes what it has a use for.
struct OptimizerSettings {
  var name: OptimizerName
  var learningRate: Double
  /// Nil for the usual one: 0.9, and none for `rmsprop`.
  var momentum: Double?
  var beta1 = 0.9
  var beta2 = 0.999
  var epsilon = 1e-8
  var l2 = 0.0
  /// Of `adamw`.
  var weightDecay = 0.01

  func optimizer() throws(HyperparameterError) -> any Optimizer {
    switch name {
    case .sgd: try StochasticGradientDescent(learningRate: learningRate, l2: l2)
    case .momentum, .nesterov:
      try Momentum(
        learningRate: learningRate, momentum: momentum ?? 0.9, nesterov: name == .nesterov, l2: l2)
    case .rmsprop:
      try RMSProp(learningRate: learningRate, epsilon: epsilon, momentum: momentum ?? 0, l2: l2)
    case .adam:
      try Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, l2: l2)
    case .adamw:
      try AdamW(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
        weightDecay: weightDecay)
    }
  }
  /// The optimizer by the options that make it: those that it has a use for, and no other.
  var options: [String: String] {
    var options = ["optimizer": name.rawValue, "learning-rate": "\(learningRate)"]
    switch name {
    case .sgd: break
    case .momentum, .nesterov: options["momentum"] = "\(momentum ?? 0.9)"
    case .rmsprop:
      options["momentum"] = "\(momentum ?? 0)"
      options["epsilon"] = "\(epsilon)"
    case .adam, .adamw:
      options["beta1"] = "\(beta1)"
      options["beta2"] = "\(beta2)"
      options["epsilon"] = "\(epsilon)"
    }
    if name == .adamw {
      options["weight-decay"] = "\(weightDecay)"
    } else {
      options["l2"] = "\(l2)"
    }
    return options
  }
}
