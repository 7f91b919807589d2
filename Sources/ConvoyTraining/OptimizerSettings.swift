import Optimizers

/// An optimizer and its hyper-parameters, of which it reads those that apply to it.
package struct OptimizerSettings: Sendable, Equatable, Codable {
  /// The optimizers by name.
  package enum Name: String, CaseIterable, Sendable, Codable {
    case sgd, momentum, nesterov, rmsprop, adam, adamw, lion, lamb, muon
  }

  package var name = Name.adam
  package var learningRate = 0.001
  /// Nil for the default: 0.9, 0 for `rmsprop`, and 0.95 for `muon`.
  package var momentum: Double?
  package var beta1 = 0.9
  package var beta2 = 0.999
  package var epsilon = 1e-8
  package var l2 = 0.0
  /// Of `adamw`, `lion`, `lamb` and `muon`.
  package var weightDecay = 0.01
  /// Of `muon`: the rate of AdamW, which updates what is no matrix, and the last layer.
  package var vectorRate = 0.001

  /// - Parameter beta2: nil for the default: 0.999, and 0.99 for `lion`.
  package init(
    name: Name = .adam, learningRate: Double = 0.001, momentum: Double? = nil, beta1: Double = 0.9,
    beta2: Double? = nil, epsilon: Double = 1e-8, l2: Double = 0, weightDecay: Double = 0.01,
    vectorRate: Double = 0.001
  ) {
    self.name = name
    self.learningRate = learningRate
    self.momentum = momentum
    self.beta1 = beta1
    self.beta2 = beta2 ?? (name == .lion ? 0.99 : 0.999)
    self.epsilon = epsilon
    self.l2 = l2
    self.weightDecay = weightDecay
    self.vectorRate = vectorRate
  }

  package func optimizer() throws(HyperparameterError) -> any Optimizer {
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
    case .lion:
      try Lion(
        learningRate: learningRate, beta1: beta1, beta2: beta2, weightDecay: weightDecay)
    case .lamb:
      try Lamb(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
        weightDecay: weightDecay)
    case .muon:
      try Muon(
        learningRate: learningRate, momentum: momentum ?? 0.95, weightDecay: weightDecay,
        vectorRule: AdamW(
          learningRate: vectorRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
          weightDecay: weightDecay))
    }
  }
}
