import Foundation

extension KeyedRandom {
  /// Normal with mean 0 and deviation 1 (Box and Muller, 1958).
  package func normal(_ counter: Int) -> Double {
    // 1 − u is never zero, so that the logarithm is finite.
    let radius = (-2 * log(1 - uniform(2 * counter))).squareRoot()
    return radius * cos(2 * .pi * uniform(2 * counter + 1))
  }
}
