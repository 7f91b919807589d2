/// How the weights of a layer begin: at random, so that units learn different things, and of a size
/// with which signals neither vanish nor explode from layer to layer. Biases begin at zero.
///
/// An output sums fan-in products, so its variance is that of the weights times fan-in times the
/// inputs' mean square; on the way back, each input sums fan-out products.
public enum ReferenceInitialization: String, CaseIterable, Sendable {
  /// Variance 2 / (fan-in + fan-out), a compromise of both directions (Glorot and Bengio, 2010,
  /// "Understanding the Difficulty of Training Deep Feedforward Neural Networks").
  case xavier

  /// Variance 2 / fan-in, for layers in front of a ReLU, which makes half of its values zero (He et
  /// al., 2015, "Delving Deep into Rectifiers").
  case he

  /// The shape of the distribution. Both have mean 0.
  public enum Distribution: String, CaseIterable, Sendable {
    /// Between −a and a with equal probability, a = √(3 · variance).
    case uniform

    /// The bell curve.
    case normal
  }

  /// The weights of a layer.
  ///
  /// - Parameters:
  ///   - count: the number of weights.
  ///   - fanIn: the inputs that each output sums.
  ///   - fanOut: the outputs that each input reaches.
  ///   - distribution: its shape.
  ///   - generator: draws the weights.
  public func weights<Scalar: ReferenceScalar>(
    count: Int, fanIn: Int, fanOut: Int, distribution: Distribution = .uniform,
    using generator: inout some RandomNumberGenerator
  ) -> [Scalar] {
    let variance =
      switch self {
      case .xavier: 2 / Double(fanIn + fanOut)
      case .he: 2 / Double(fanIn)
      }
    var weights: [Scalar] = []
    for _ in 0..<count {
      switch distribution {
      case .uniform:
        let limit = (3 * variance).squareRoot()
        weights.append(Scalar(Double.random(in: -limit...limit, using: &generator)))
      case .normal:
        weights.append(Scalar(generator.normal() * variance.squareRoot()))
      }
    }
    return weights
  }
}
