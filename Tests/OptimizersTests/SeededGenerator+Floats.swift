import ConvoyTestSupport

extension SeededGenerator {
  /// Numbers from −1 to 1.
  static func floats(seed: UInt64, count: Int) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return generator.values(count: count).map { Float($0) }
  }
}
