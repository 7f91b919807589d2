import ConvoyOptimizerLoopInterface

/// Adam (Kingma and Ba, 2015): m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²;
/// p ← p − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + epsilon).
///
/// Epsilon is added outside the root, after v's bias correction, as in PyTorch and in the paper's
/// algorithm; TensorFlow adds it before the correction. L2 is added to the gradient first:
/// g ← g + l2 · p. For weight decay that does not enter the moments, use `AdamW`.
public struct Adam: Optimizer, Equatable, Codable {
  public let learningRate: Double
  /// The decay of the mean of gradients.
  public let beta1: Double
  /// The decay of the mean of their squares.
  public let beta2: Double
  /// Added to the square root that gradients are divided by.
  public let epsilon: Double
  /// l2 · parameter is added to the gradient.
  public let l2: Double

  private static let names = ["exp_avg", "exp_avg_sq"]
  public var name: String { "adam" }
  public var momentNames: [String] { Self.names }

  /// Learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8, as in the paper; no L2.
  public init() {
    learningRate = 0.001
    beta1 = 0.9
    beta2 = 0.999
    epsilon = 1e-8
    l2 = 0
  }

  /// The defaults are those of `init()`.
  ///
  /// - Throws: `HyperparameterError` if one is out of its range.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, l2: Double = 0
  ) throws(HyperparameterError) {
    try HyperparameterBounds.nonNegative.check("learningRate", learningRate)
    try HyperparameterBounds.fraction.check("beta1", beta1)
    try HyperparameterBounds.fraction.check("beta2", beta2)
    try HyperparameterBounds.positive.check("epsilon", epsilon)
    try HyperparameterBounds.nonNegative.check("l2", l2)
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.l2 = l2
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      learningRate: values.decode(Double.self, forKey: .learningRate),
      beta1: values.decode(Double.self, forKey: .beta1),
      beta2: values.decode(Double.self, forKey: .beta2),
      epsilon: values.decode(Double.self, forKey: .epsilon),
      l2: values.decode(Double.self, forKey: .l2))
  }

  public func update(_ block: borrowing UpdateBlock) { update(block, weightDecay: 0) }

  /// - Parameters:
  ///   - weightDecay: parameters are first multiplied by 1 − rate · `weightDecay`; see
  ///     `AdamW`.
  ///   - rateFactor: the rate is the block's times this.
  func update(_ block: borrowing UpdateBlock, weightDecay: Double, rateFactor: Double = 1) {
    LoopDispatch.best.adam(
      block.memory, block.preparation(l2: l2, weightDecay: rateFactor * weightDecay),
      AdamCoefficients(
        beta1: beta1, beta2: beta2, epsilon: epsilon, block: block, rateFactor: rateFactor))
  }
}
