import ConvoyKeyedRandom
import ConvoyLinearAlgebra

/// How weights are initialised; biases start at zero.
public struct Initialization: Sendable, Equatable, Codable {
  /// A variance that keeps activations at the same scale from layer to layer.
  public enum Method: String, CaseIterable, Sendable, Codable {
    /// Variance 2 / (fan-in + fan-out) (Glorot and Bengio, 2010).
    case xavier
    /// Variance 2 / fan-in, for layers that end in a ReLU (He et al., 2015).
    case he
  }

  /// What weights are drawn from, around zero.
  public enum Distribution: String, CaseIterable, Sendable, Codable {
    /// Each value of an interval as likely as any other.
    case uniform
    /// The bell curve.
    case normal
  }

  /// Gives the variance.
  public var method: Method
  /// What weights are drawn from.
  public var distribution: Distribution

  /// Xavier's variance and a uniform distribution, unless others are given.
  public init(_ method: Method = .xavier, _ distribution: Distribution = .uniform) {
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

extension Initialization {
  /// The weights of a layer that may have an initialisation of its own.
  ///
  /// - Parameter shape: outputs first, as the file format has it.
  func weights(
    _ own: LayerInitialization?, shape: [Int], fanIn: Int, fanOut: Int, seed: UInt64, layer: Int
  ) -> [Float] {
    func drawn(_ method: Method) -> [Float] {
      Initialization(method, distribution).weights(
        count: shape.reduce(1, *), fanIn: fanIn, fanOut: fanOut, seed: seed, layer: layer)
    }
    switch own {
    case nil, .whitening: return drawn(method)
    case .xavier: return drawn(.xavier)
    case .he: return drawn(.he)
    case .orthogonal: return Self.orthogonal(shape, seed: seed, layer: layer)
    case .dirac:
      var weights = drawn(method)
      let (filters, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
      let window = height * width
      for filter in 0..<min(filters, channels) {
        let first = filter * channels * window
        for place in first..<first + channels * window { weights[place] = 0 }
        weights[first + filter * window + height / 2 * width + width / 2] = 1
      }
      return weights
    }
  }

  private static func orthogonal(_ shape: [Int], seed: UInt64, layer: Int) -> [Float] {
    let random = KeyedRandom(seed: seed, purpose: .initialization, layer)
    let count = shape.reduce(1, *)
    let (rows, columns) = (shape[0], count / shape[0])
    let (vectors, length) = (min(rows, columns), max(rows, columns))
    var matrix = (0..<count).map { random.normal($0) }
    orthonormalizeRows(of: &matrix, rows: vectors, columns: length)
    if rows <= columns { return matrix.map { Float($0) } }
    return (0..<count).map { Float(matrix[$0 % columns * length + $0 / columns]) }
  }
}
