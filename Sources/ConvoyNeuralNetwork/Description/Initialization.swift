import ConvoyKeyedRandom

/// How weights are initialised; biases start at zero.
package struct Initialization: Sendable, Equatable, Codable {
  /// A variance that keeps activations at the same scale from layer to layer.
  package enum Method: String, CaseIterable, Sendable, Codable {
    /// Variance 2 / (fan-in + fan-out) (Glorot and Bengio, 2010).
    case xavier
    /// Variance 2 / fan-in, for layers that end in a ReLU (He et al., 2015).
    case he
  }

  package enum Distribution: String, CaseIterable, Sendable, Codable {
    case uniform, normal
  }

  package var method: Method
  package var distribution: Distribution

  package init(_ method: Method = .xavier, _ distribution: Distribution = .uniform) {
    self.method = method
    self.distribution = distribution
  }

  /// The weights of one layer, in the order of the file format.
  ///
  /// - Parameters:
  ///   - fanIn: inputs that each output sums.
  ///   - fanOut: outputs that each input reaches.
  package func weights(
    count: Int, fanIn: Int, fanOut: Int, seed: UInt64, layer: Int
  ) -> [Float] {
    let random = KeyedRandom(seed: seed, purpose: .initialization, layer)
    let variance =
      switch method {
      case .xavier: 2 / Double(fanIn + fanOut)
      case .he: 2 / Double(fanIn)
      }
    return switch distribution {
    case .uniform:
      // A uniform number from −a to a has variance a² / 3.
      (0..<count).map { Float((2 * random.uniform($0) - 1) * (3 * variance).squareRoot()) }
    case .normal:
      (0..<count).map { Float(random.normal($0) * variance.squareRoot()) }
    }
  }
}
