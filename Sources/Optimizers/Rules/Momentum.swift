import ConvoyOptimizerLoopInterface

/// Gradient descent with momentum (Polyak, 1964): v ← momentum · v + g; p ← p − rate · v.
///
/// With Nesterov's look-ahead (Nesterov, 1983; in this form Sutskever and others, 2013) the
/// parameter update is p ← p − rate · (g + momentum · v), with the new v.
///
/// The rate is applied to the velocity, not stored in it, as in PyTorch, so that a change of the
/// rate takes effect at once. TensorFlow stores the rate in the velocity. There is no dampening. L2
/// is added to the gradient first: g ← g + l2 · p.
public struct Momentum: Optimizer, Equatable, Codable {
  public let learningRate: Double
  /// The share of the last direction that is kept.
  public let momentum: Double
  /// Whether it looks ahead.
  public let nesterov: Bool
  /// l2 · parameter is added to the gradient.
  public let l2: Double

  private static let names = ["momentum_buffer"]
  public var name: String { "momentum" }
  public var momentNames: [String] { Self.names }

  /// Learning rate 0.02, momentum 0.9; no look-ahead, no L2.
  public init() {
    learningRate = 0.02
    momentum = 0.9
    nesterov = false
    l2 = 0
  }

  /// The defaults are those of `init()`.
  ///
  /// - Throws: `HyperparameterError` if one is out of its range.
  public init(
    learningRate: Double = 0.02, momentum: Double = 0.9, nesterov: Bool = false, l2: Double = 0
  ) throws(HyperparameterError) {
    try HyperparameterBounds.nonNegative.check("learningRate", learningRate)
    try HyperparameterBounds.fraction.check("momentum", momentum)
    try HyperparameterBounds.nonNegative.check("l2", l2)
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.l2 = l2
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      learningRate: values.decode(Double.self, forKey: .learningRate),
      momentum: values.decode(Double.self, forKey: .momentum),
      nesterov: values.decode(Bool.self, forKey: .nesterov),
      l2: values.decode(Double.self, forKey: .l2))
  }

  public func update(_ block: borrowing UpdateBlock) {
    LoopDispatch.best.descend(
      block.memory, block.preparation(l2: l2), rate: Float(block.learningRate),
      momentum: Float(momentum), nesterov: nesterov)
  }
}
