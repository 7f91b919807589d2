import ConvoyOptimizerLoopInterface

/// Plain stochastic gradient descent (Robbins and Monro, 1951): p ← p − rate · g.
///
/// L2 is added to the gradient first: g ← g + l2 · p.
public struct StochasticGradientDescent: Optimizer, Equatable, Codable {
  public let learningRate: Double
  /// l2 · parameter is added to the gradient.
  public let l2: Double

  private static let names: [String] = []
  public var name: String { "sgd" }
  public var momentNames: [String] { Self.names }

  /// Learning rate 0.05, no L2.
  public init() {
    learningRate = 0.05
    l2 = 0
  }

  /// The defaults are those of `init()`.
  ///
  /// - Throws: `HyperparameterError` if one is out of its range.
  public init(learningRate: Double = 0.05, l2: Double = 0) throws(HyperparameterError) {
    try HyperparameterBounds.nonNegative.check("learningRate", learningRate)
    try HyperparameterBounds.nonNegative.check("l2", l2)
    self.learningRate = learningRate
    self.l2 = l2
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      learningRate: values.decode(Double.self, forKey: .learningRate),
      l2: values.decode(Double.self, forKey: .l2))
  }

  public func update(_ block: borrowing UpdateBlock) {
    LoopDispatch.best.descend(
      block.memory, block.preparation(l2: l2), rate: Float(block.learningRate))
  }
}
