/// SplitMix64 (Steele, Lea and Flood, 2014, "Fast Splittable Pseudorandom Number Generators"): the
/// same numbers for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// Values between −1 and 1 in random order, no two closer than 1 / count and none closer to 0
  /// than half of that, so that a finite difference never steps over a tie or a kink at 0.
  mutating func spacedValues(count: Int) -> [Double] {
    // count + count % 2 is even, so 0 is half-way between two values.
    let even = count + count % 2
    let values = (0..<even).map { (2 * Double($0) + 1) / Double(even) - 1 }
    return Array(values.shuffled(using: &self).prefix(count))
  }
}
