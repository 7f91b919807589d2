import Optimizers

/// An optimizer and its hyper-parameters, of which it reads those that apply to it.
public struct OptimizerSettings: Sendable, Equatable, Codable {
  /// The optimizers by name.
  public enum Name: String, CaseIterable, Sendable, Codable {
    /// `StochasticGradientDescent`.
    case sgd
    /// `Momentum`, as Polyak's.
    case momentum
    /// `Momentum` that looks ahead.
    case nesterov
    /// `RMSProp`.
    case rmsprop
    /// `Adam`.
    case adam
    /// `AdamW`.
    case adamw
    /// `Lion`.
    case lion
    /// `Lamb`.
    case lamb
    /// `Muon`.
    case muon
  }

  /// The rule.
  public var name: Name
  /// The full rate, which a schedule changes.
  public var learningRate: Double
  /// Nil for the rule's usual one.
  public var momentum: Double?
  /// The decay of the mean of gradients.
  public var beta1: Double
  /// The decay of the mean of their squares.
  public var beta2: Double
  /// Added to what gradients are divided by.
  public var epsilon: Double
  /// l2 · weight is added to the gradient.
  public var l2: Double
  /// Of `adamw`, `lion`, `lamb` and `muon`.
  public var weightDecay: Double
  /// Of `muon`: the rate of AdamW, which updates what is no matrix, and the last layer.
  public var vectorRate: Double

  /// Hyper-parameters that are nil are the rule's usual ones; those that it does not have are ignored.
  ///
  /// - Parameters:
  ///   - name: of the optimizer.
  ///   - learningRate: the full rate, which a schedule changes; usually 0.05 for `sgd`, 0.02 for
  ///     `momentum`, `nesterov` and `muon`, 0.0001 for `lion`, and else 0.001.
  ///   - momentum: usually 0.9, 0 for `rmsprop`, and 0.95 for `muon`.
  ///   - beta1: the decay of the mean of gradients.
  ///   - beta2: of the mean of their squares; usually 0.999, and 0.99 for `lion`.
  ///   - epsilon: added to what gradients are divided by; usually 1e-8, and 1e-6 for `lamb`.
  ///   - l2: l2 · weight is added to the gradient.
  ///   - weightDecay: of `adamw`, `lion`, `lamb` and `muon`: each step takes rate · weightDecay of a
  ///     weight.
  ///   - vectorRate: of `muon`, for what is no matrix, and the last layer.
  public init(
    name: Name = .adam, learningRate: Double? = nil, momentum: Double? = nil, beta1: Double = 0.9,
    beta2: Double? = nil, epsilon: Double? = nil, l2: Double = 0, weightDecay: Double = 0.01,
    vectorRate: Double = 0.001
  ) {
    self.name = name
    self.learningRate = learningRate ?? name.usualRule.learningRate
    self.momentum = momentum
    self.beta1 = beta1
    self.beta2 = beta2 ?? (name == .lion ? Lion().beta2 : Adam().beta2)
    self.epsilon = epsilon ?? (name == .lamb ? Lamb().epsilon : Adam().epsilon)
    self.l2 = l2
    self.weightDecay = weightDecay
    self.vectorRate = vectorRate
  }

  /// The momentum, or the rule's usual one.
  var momentumOrUsual: Double {
    if let momentum { return momentum }
    return switch name {
    case .rmsprop: RMSProp().momentum
    case .muon: Muon().momentum
    default: Momentum().momentum
    }
  }

  /// The hyper-parameters that not every rule has, and so not every rule checks.
  var others: [(name: String, value: Double)] {
    [
      ("momentum", momentumOrUsual), ("beta1", beta1), ("beta2", beta2), ("epsilon", epsilon),
      ("l2", l2), ("weightDecay", weightDecay), ("vectorRate", vectorRate),
    ]
  }

  /// The rule with its hyper-parameters.
  ///
  /// - Throws: `HyperparameterError` if one is out of its range.
  public func optimizer() throws(HyperparameterError) -> any Optimizer {
    switch name {
    case .sgd: try StochasticGradientDescent(learningRate: learningRate, l2: l2)
    case .momentum, .nesterov:
      try Momentum(
        learningRate: learningRate, momentum: momentumOrUsual, nesterov: name == .nesterov, l2: l2)
    case .rmsprop:
      try RMSProp(
        learningRate: learningRate, epsilon: epsilon, momentum: momentumOrUsual, l2: l2)
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
        learningRate: learningRate, momentum: momentumOrUsual, weightDecay: weightDecay,
        vectorRule: AdamW(
          learningRate: vectorRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
          weightDecay: weightDecay))
    }
  }
}

extension OptimizerSettings {
  /// Gradient descent on batches; see `StochasticGradientDescent`.
  public static func sgd(learningRate: Double = 0.05, l2: Double = 0) -> OptimizerSettings {
    OptimizerSettings(name: .sgd, learningRate: learningRate, l2: l2)
  }

  /// Gradient descent with momentum (Polyak, 1964), as PyTorch's; see `Momentum`.
  ///
  /// - Parameters:
  ///   - learningRate: the full rate, which a schedule changes.
  ///   - momentum: the share of the last step that is kept.
  ///   - nesterov: whether it looks ahead (Sutskever et al., 2013).
  ///   - l2: l2 · weight is added to the gradient.
  public static func momentum(
    learningRate: Double = 0.02, momentum: Double = 0.9, nesterov: Bool = false, l2: Double = 0
  ) -> OptimizerSettings {
    OptimizerSettings(
      name: nesterov ? .nesterov : .momentum, learningRate: learningRate, momentum: momentum,
      l2: l2)
  }

  /// RMSProp (Tieleman and Hinton, 2012); see `RMSProp`.
  public static func rmsprop(
    learningRate: Double = 0.001, epsilon: Double = 1e-8, momentum: Double = 0, l2: Double = 0
  ) -> OptimizerSettings {
    OptimizerSettings(
      name: .rmsprop, learningRate: learningRate, momentum: momentum, epsilon: epsilon, l2: l2)
  }

  /// Adam (Kingma and Ba, 2015); see `Adam`.
  public static func adam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, l2: Double = 0
  ) -> OptimizerSettings {
    OptimizerSettings(
      name: .adam, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, l2: l2)
  }

  /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019); see `AdamW`.
  public static func adamW(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) -> OptimizerSettings {
    OptimizerSettings(
      name: .adamw, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay)
  }

  /// Lion (Chen et al., 2023); see `Lion`.
  public static func lion(
    learningRate: Double = 0.0001, beta1: Double = 0.9, beta2: Double = 0.99,
    weightDecay: Double = 0.01
  ) -> OptimizerSettings {
    OptimizerSettings(
      name: .lion, learningRate: learningRate, beta1: beta1, beta2: beta2, weightDecay: weightDecay)
  }

  /// LAMB (You et al., 2020); see `Lamb`.
  public static func lamb(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-6, weightDecay: Double = 0.01
  ) -> OptimizerSettings {
    OptimizerSettings(
      name: .lamb, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay)
  }

  /// Muon (Jordan et al., 2024) for matrices, and AdamW for what is no matrix and the last layer; see
  /// `Muon`.
  ///
  /// - Parameters:
  ///   - learningRate: the full rate of matrices, which a schedule changes.
  ///   - momentum: the share of the last step that is kept.
  ///   - weightDecay: each step takes rate · weightDecay of a weight.
  ///   - vectorRate: the full rate of AdamW, which a schedule changes in proportion.
  public static func muon(
    learningRate: Double = 0.02, momentum: Double = 0.95, weightDecay: Double = 0.01,
    vectorRate: Double = 0.001
  ) -> OptimizerSettings {
    OptimizerSettings(
      name: .muon, learningRate: learningRate, momentum: momentum, weightDecay: weightDecay,
      vectorRate: vectorRate)
  }
}

extension OptimizerSettings.Name {
  /// The rule with its usual hyper-parameters.
  package var usualRule: any Optimizer {
    switch self {
    case .sgd: StochasticGradientDescent()
    case .momentum, .nesterov: Momentum()
    case .rmsprop: RMSProp()
    case .adam: Adam()
    case .adamw: AdamW()
    case .lion: Lion()
    case .lamb: Lamb()
    case .muon: Muon()
    }
  }
}
