import ConvoyOptimizerLoopInterface

/// RMSProp (Tieleman and Hinton, 2012): s ← decay · s + (1 − decay) · g²;
/// p ← p − rate · g / (√s + epsilon).
///
/// The centred form (Graves, 2013) also keeps the mean ḡ ← decay · ḡ + (1 − decay) · g, and takes
/// the root of the variance s − ḡ². If rounding makes the variance negative, it is taken as 0,
/// where PyTorch gives NaN. With momentum, v ← momentum · v + g / (root + epsilon);
/// p ← p − rate · v.
///
/// Epsilon is added outside the root and the rate is applied to the velocity, as in PyTorch;
/// TensorFlow adds epsilon under the root and stores the rate in the velocity. L2 is added to the
/// gradient first: g ← g + l2 · p.
public struct RMSProp: Optimizer, Equatable, Codable {
  public let learningRate: Double
  /// What a step leaves of the mean of squared gradients, from 0 to below 1.
  public let decay: Double
  /// Added to the square root that gradients are divided by.
  public let epsilon: Double
  /// Whether squares are taken around the mean of gradients.
  public let centred: Bool
  /// 0 for none; then no velocity is kept.
  public let momentum: Double
  /// l2 · parameter is added to the gradient.
  public let l2: Double

  /// Learning rate 0.001, decay 0.99, epsilon 1e-8; not centred, no momentum, no L2.
  public init() {
    learningRate = 0.001
    decay = 0.99
    epsilon = 1e-8
    centred = false
    momentum = 0
    l2 = 0
  }

  /// The defaults are those of `init()`.
  ///
  /// - Throws: `HyperparameterError` if one is out of its range.
  public init(
    learningRate: Double = 0.001, decay: Double = 0.99, epsilon: Double = 1e-8,
    centred: Bool = false, momentum: Double = 0, l2: Double = 0
  ) throws(HyperparameterError) {
    try HyperparameterBounds.nonNegative.check("learningRate", learningRate)
    try HyperparameterBounds.fraction.check("decay", decay)
    try HyperparameterBounds.positive.check("epsilon", epsilon)
    try HyperparameterBounds.fraction.check("momentum", momentum)
    try HyperparameterBounds.nonNegative.check("l2", l2)
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.centred = centred
    self.momentum = momentum
    self.l2 = l2
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      learningRate: values.decode(Double.self, forKey: .learningRate),
      decay: values.decode(Double.self, forKey: .decay),
      epsilon: values.decode(Double.self, forKey: .epsilon),
      centred: values.decode(Bool.self, forKey: .centred),
      momentum: values.decode(Double.self, forKey: .momentum),
      l2: values.decode(Double.self, forKey: .l2))
  }

  private static let plainNames = ["square_avg"]
  private static let centredNames = ["square_avg", "grad_avg"]
  private static let momentumNames = ["square_avg", "momentum_buffer"]
  private static let allNames = ["square_avg", "grad_avg", "momentum_buffer"]

  public var name: String { "rmsprop" }
  public var momentNames: [String] {
    switch (centred, momentum > 0) {
    case (false, false): Self.plainNames
    case (true, false): Self.centredNames
    case (false, true): Self.momentumNames
    case (true, true): Self.allNames
    }
  }

  public func update(_ block: borrowing UpdateBlock) {
    LoopDispatch.best.rmsProp(
      block.memory, block.preparation(l2: l2),
      RMSPropCoefficients(
        rate: block.learningRate, decay: decay, epsilon: epsilon, momentum: momentum),
      centred: centred)
  }
}
