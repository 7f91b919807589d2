import Foundation

/// Random numbers that are the same for the same seed on every machine: SplitMix64 (Steele, Lea and
/// Flood, 2014, "Fast Splittable Pseudorandom Number Generators").
///
/// A counter grows by a fixed odd step; each number is the counter with its bits mixed. One
/// generator serves a whole program: pass it on with `using: &generator`.
public struct ReferenceGenerator: RandomNumberGenerator, Sendable {
  private var counter: UInt64

  /// Generators with different seeds give unrelated numbers.
  public init(seed: UInt64) { counter = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    counter &+= 0x9e37_79b9_7f4a_7c15
    var bits = counter
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}

extension RandomNumberGenerator {
  /// A number of the normal distribution with mean 0 and variance 1 (Box and Muller, 1958, "A Note on
  /// the Generation of Random Normal Deviates").
  ///
  /// With u and v uniform between 0 and 1, u not 0: √(−2 ln u) cos(2π v).
  mutating func normal() -> Double {
    let u = 1 - Double.random(in: 0..<1, using: &self)
    let v = Double.random(in: 0..<1, using: &self)
    return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
  }
}
