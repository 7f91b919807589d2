import ConvoyOptimizerLoopInterface

/// The coefficients are stored as vectors: the compiler would otherwise pack neighbouring scalars
/// into one vector.
struct AdamRule: BlockRule {
  let beta1: Lanes
  let rest1: Lanes
  let beta2: Lanes
  let rest2: Lanes
  let epsilon: Lanes
  let stepSize: Lanes
  let rootCorrection: Lanes

  @inline(__always)
  init(_ coefficients: AdamCoefficients) {
    beta1 = Lanes(repeating: coefficients.beta1)
    rest1 = Lanes(repeating: coefficients.rest1)
    beta2 = Lanes(repeating: coefficients.beta2)
    rest2 = Lanes(repeating: coefficients.rest2)
    epsilon = Lanes(repeating: coefficients.epsilon)
    stepSize = Lanes(repeating: coefficients.stepSize)
    rootCorrection = Lanes(repeating: coefficients.rootCorrection)
  }

  static var momentCount: Int { 2 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    average(gradient, into: &moments)
    parameter -= moments.first * stepSize / root(of: moments)
  }

  @inline(__always)
  func average(_ gradient: Lanes, into moments: inout LaneMoments) {
    moments.first = moments.first * beta1 + gradient * rest1
    moments.second = moments.second * beta2 + gradient * gradient * rest2
  }

  /// The corrected root of the mean square, epsilon included.
  @inline(__always)
  func root(of moments: LaneMoments) -> Lanes {
    moments.second.squareRoot() * rootCorrection + epsilon
  }
}
