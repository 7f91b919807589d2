import ConvoyOptimizerLoopInterface

/// The coefficients are stored as vectors, as in `AdamRule`.
struct LionRule: BlockRule {
  let rate: Lanes
  let beta1: Lanes
  let rest1: Lanes
  let beta2: Lanes
  let rest2: Lanes

  @inline(__always)
  init(_ coefficients: LionCoefficients) {
    rate = Lanes(repeating: coefficients.rate)
    beta1 = Lanes(repeating: coefficients.beta1)
    rest1 = Lanes(repeating: coefficients.rest1)
    beta2 = Lanes(repeating: coefficients.beta2)
    rest2 = Lanes(repeating: coefficients.rest2)
  }

  static var momentCount: Int { 1 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    let direction = moments.first * beta1 + gradient * rest1
    // Comparisons leave 0 and NaN as they are.
    var step = direction
    step.replace(with: rate, where: direction .> 0)
    step.replace(with: -rate, where: direction .< 0)
    parameter -= step
    moments.first = moments.first * beta2 + gradient * rest2
  }
}
