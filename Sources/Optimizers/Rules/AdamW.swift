/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019): p ← p − rate · weightDecay · p,
/// then a step of `Adam` without L2.
///
/// The decay is multiplied by the step's learning rate, as in PyTorch; the paper multiplies it by
/// the schedule's factor alone. Epsilon is added as in `Adam`.
public struct AdamW: Optimizer, Equatable, Codable {
  /// Each step takes rate · weightDecay of a parameter.
  public let weightDecay: Double
  /// The step after the decay, without L2.
  private let adam: Adam

  public var learningRate: Double { adam.learningRate }
  /// The decay of the mean of gradients.
  public var beta1: Double { adam.beta1 }
  /// The decay of the mean of their squares.
  public var beta2: Double { adam.beta2 }
  /// Added to the square root that gradients are divided by.
  public var epsilon: Double { adam.epsilon }
  public var name: String { "adamw" }
  public var momentNames: [String] { adam.momentNames }

  /// Learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8, weight decay 0.01.
  public init() {
    adam = Adam()
    weightDecay = 0.01
  }

  /// The defaults are those of `init()`.
  ///
  /// - Throws: `HyperparameterError` if one is out of its range.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) throws(HyperparameterError) {
    adam = try Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    try HyperparameterBounds.nonNegative.check("weightDecay", weightDecay)
    self.weightDecay = weightDecay
  }

  private enum CodingKeys: String, CodingKey {
    case learningRate, beta1, beta2, epsilon, weightDecay
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

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(learningRate, forKey: .learningRate)
    try values.encode(beta1, forKey: .beta1)
    try values.encode(beta2, forKey: .beta2)
    try values.encode(epsilon, forKey: .epsilon)
    try values.encode(weightDecay, forKey: .weightDecay)
  }

  public func update(_ block: borrowing UpdateBlock) {
    update(block, rateFactor: 1)
  }

  /// - Parameter rateFactor: the rate is the block's times this.
  func update(_ block: borrowing UpdateBlock, rateFactor: Double) {
    adam.update(block, weightDecay: weightDecay, rateFactor: rateFactor)
  }
}
