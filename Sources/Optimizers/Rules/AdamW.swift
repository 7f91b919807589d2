import ConvoyOptimizerLoopInterface

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019): p ← p − rate · weightDecay · p,
/// and then a step of `Adam` along the gradient without L2.
///
/// Parameters shrink before the step by the rate of the step times the decay, as in PyTorch; the
/// paper multiplies the decay by the schedule's factor alone. Epsilon is where `Adam` has it.
public struct AdamW: Optimizer, Equatable, Codable {
  public let learningRate: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  public let weightDecay: Double

  public var name: String { "adamw" }
  public var momentNames: [String] { Adam.names }

  /// At a rate of 0.001 with betas of 0.9 and 0.999, an epsilon of 1e-8 and a decay of 0.01.
  public init() {
    learningRate = 0.001
    beta1 = 0.9
    beta2 = 0.999
    epsilon = 1e-8
    weightDecay = 0.01
  }

  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) throws(HyperparameterError) {
    try HyperparameterBounds.nonNegative.check("learningRate", learningRate)
    try HyperparameterBounds.fraction.check("beta1", beta1)
    try HyperparameterBounds.fraction.check("beta2", beta2)
    try HyperparameterBounds.positive.check("epsilon", epsilon)
    try HyperparameterBounds.nonNegative.check("weightDecay", weightDecay)
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      learningRate: values.decode(Double.self, forKey: .learningRate),
      beta1: values.decode(Double.self, forKey: .beta1),
      beta2: values.decode(Double.self, forKey: .beta2),
      epsilon: values.decode(Double.self, forKey: .epsilon),
      weightDecay: values.decode(Double.self, forKey: .weightDecay))
  }

  public func update(_ block: borrowing UpdateBlock) {
    LoopDispatch.best.adam(
      block.memory, block.preparation(weightDecay: weightDecay),
      AdamCoefficients(beta1: beta1, beta2: beta2, epsilon: epsilon, block: block))
  }
}
