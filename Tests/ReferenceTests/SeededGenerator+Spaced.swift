import ConvoyTestSupport

extension SeededGenerator {
  /// Values between −1 and 1 in random order, no two closer than 1 / count and none closer to 0
  /// than half of that, so that a finite difference never steps over a tie or a kink at 0.
  mutating func spacedValues(count: Int) -> [Double] {
    // count + count % 2 is even, so 0 is half-way between two values.
    let even = count + count % 2
    let values = (0..<even).map { (2 * Double($0) + 1) / Double(even) - 1 }
    return Array(values.shuffled(using: &self).prefix(count))
  }
}
