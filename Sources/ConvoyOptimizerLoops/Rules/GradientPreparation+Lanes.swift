import ConvoyOptimizerLoopInterface

extension GradientPreparation {
  @inline(__always)
  func apply(to gradient: inout Lanes, of parameter: inout Lanes) {
    gradient *= scale
    // Comparisons leave NaN as it is.
    gradient.replace(with: limit, where: gradient .> limit)
    gradient.replace(with: -limit, where: gradient .< -limit)
    gradient += parameter * l2
    parameter *= shrinkage
  }
}
