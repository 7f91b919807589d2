import ConvoyOptimizerLoopInterface

/// LAMB (You and others, 2020, algorithm 2): m and v as in `Adam`;
/// u = m / (1 − β₁ᵗ) / (√v / √(1 − β₂ᵗ) + epsilon) + weightDecay · p;
/// p ← p − rate · ‖p‖ / ‖u‖ · u.
///
/// The norms are those of a whole tensor, a `ParameterGroup`. Where one of them is 0, their ratio is
/// taken as 1. The paper's φ, which may limit ‖p‖, is the identity here. The decay is part of the
/// direction u, so that its size, too, is relative to the norm of the parameters.
public struct Lamb: TwoPassOptimizer, Equatable, Codable {
  public let learningRate: Double
  /// The decay of the mean of gradients.
  public let beta1: Double
  /// The decay of the mean of their squares.
  public let beta2: Double
  /// Added to the square root that gradients are divided by.
  public let epsilon: Double
  /// Each step takes rate · weightDecay of a parameter.
  public let weightDecay: Double

  private static let names = ["exp_avg", "exp_avg_sq"]
  public var name: String { "lamb" }
  public var momentNames: [String] { Self.names }

  /// Learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-6, weight decay 0.01.
  public init() {
    learningRate = 0.001
    beta1 = 0.9
    beta2 = 0.999
    epsilon = 1e-6
    weightDecay = 0.01
  }

  /// The defaults are those of `init()`.
  ///
  /// - Throws: `HyperparameterError` if one is out of its range.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-6, weightDecay: Double = 0.01
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

  /// The sums of squares of parameters and directions.
  public func measure(_ block: borrowing UpdateBlock) -> TensorSums {
    let sums = LoopDispatch.best.measureLamb(
      block.memory, block.preparation(), coefficients(of: block))
    return TensorSums(first: sums.parameters, second: sums.directions)
  }

  public func update(_ block: borrowing UpdateBlock, measured sums: TensorSums) {
    let ratio = sums.first == 0 || sums.second == 0 ? 1 : (sums.first / sums.second).squareRoot()
    LoopDispatch.best.updateLamb(
      block.memory, coefficients(of: block), rate: Float(block.learningRate * ratio))
  }

  private func coefficients(of block: borrowing UpdateBlock) -> LambCoefficients {
    LambCoefficients(
      adam: AdamCoefficients(beta1: beta1, beta2: beta2, epsilon: epsilon, block: block),
      meanCorrection: 1 / (1 - power(beta1, block.stepNumber)), decay: block.decay(weightDecay))
  }
}
