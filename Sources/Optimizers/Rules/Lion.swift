import ConvoyOptimizerLoopInterface

/// Lion (Chen and others, 2023): p ← p − rate · weightDecay · p;
/// p ← p − rate · sign(β₁ m + (1 − β₁) g); m ← β₂ m + (1 − β₂) g.
///
/// The sign of 0 is 0. Every parameter moves by the rate itself, so the paper advises a rate of a
/// third to a tenth of AdamW's, and a weight decay larger by the same factor.
public struct Lion: Optimizer, Equatable, Codable {
  public let learningRate: Double
  /// The share of the old mean in the direction of a step.
  public let beta1: Double
  /// The share of the old mean in the new one.
  public let beta2: Double
  /// Each step takes rate · weightDecay of a parameter.
  public let weightDecay: Double

  private static let names = ["exp_avg"]
  public var name: String { "lion" }
  public var momentNames: [String] { Self.names }

  /// Learning rate 0.0001, betas 0.9 and 0.99, as in the paper; weight decay 0.01.
  public init() {
    learningRate = 0.0001
    beta1 = 0.9
    beta2 = 0.99
    weightDecay = 0.01
  }

  /// The defaults are those of `init()`.
  ///
  /// - Throws: `HyperparameterError` if one is out of its range.
  public init(
    learningRate: Double = 0.0001, beta1: Double = 0.9, beta2: Double = 0.99,
    weightDecay: Double = 0.01
  ) throws(HyperparameterError) {
    try HyperparameterBounds.nonNegative.check("learningRate", learningRate)
    try HyperparameterBounds.fraction.check("beta1", beta1)
    try HyperparameterBounds.fraction.check("beta2", beta2)
    try HyperparameterBounds.nonNegative.check("weightDecay", weightDecay)
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = weightDecay
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      learningRate: values.decode(Double.self, forKey: .learningRate),
      beta1: values.decode(Double.self, forKey: .beta1),
      beta2: values.decode(Double.self, forKey: .beta2),
      weightDecay: values.decode(Double.self, forKey: .weightDecay))
  }

  public func update(_ block: borrowing UpdateBlock) {
    LoopDispatch.best.lion(
      block.memory, block.preparation(weightDecay: weightDecay),
      LionCoefficients(rate: block.learningRate, beta1: beta1, beta2: beta2))
  }
}
