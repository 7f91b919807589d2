/// Gradient descent with momentum (Polyak, 1964): v ← momentum · v + g; p ← p − rate · v.
///
/// With Nesterov's look-ahead (Nesterov, 1983; in this form Sutskever and others, 2013) the last part
/// is p ← p − rate · (g + momentum · v), with the new v.
///
/// The rate is applied to the velocity, not stored in it, as in PyTorch: a change of the rate acts at
/// once. TensorFlow stores it. There is no dampening. L2 is added to the gradient first:
/// g ← g + l2 · p.
public struct Momentum: Optimizer, Equatable, Codable {
  public let learningRate: Double
  public let momentum: Double
  public let nesterov: Bool
  public let l2: Double

  private static let names = ["momentum_buffer"]
  public var momentNames: [String] { Self.names }

  /// At a rate of 0.02 with a momentum of 0.9, without look-ahead and L2.
  public init() {
    learningRate = 0.02
    momentum = 0.9
    nesterov = false
    l2 = 0
  }

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

  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, step: UpdateStep
  ) {
    let preparation = GradientPreparation(for: step, l2: l2)
    let (rate, momentum) = (Float(step.learningRate), Float(momentum))
    if nesterov {
      sweep(
        parameters, along: gradients, moments: moments, preparation: preparation,
        by: MomentumRule<On>(rate: rate, momentum: momentum))
    } else {
      sweep(
        parameters, along: gradients, moments: moments, preparation: preparation,
        by: MomentumRule<Off>(rate: rate, momentum: momentum))
    }
  }
}

private struct MomentumRule<Nesterov: Switch>: BlockRule {
  let rate: Float
  let momentum: Float

  static var momentCount: Int { 1 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    moments.first = moments.first * momentum + gradient
    let direction = Nesterov.isOn ? gradient + moments.first * momentum : moments.first
    parameter -= direction * rate
  }
}
