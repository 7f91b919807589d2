/// The problem of `Fixtures/make_fixtures.py`: the same numbers and operations in the same order.
struct SmallProblem {
  static let count = 13
  let seed: UInt32
  let start: [Float]
  private let constants: [Float]

  init(seed: UInt32) {
    self.seed = seed
    start = Self.vector(seed, 0, scale: 4)
    constants = Self.vector(seed, 1, scale: 2)
  }

  /// - Parameter step: counted from 1.
  func gradient(at p: [Float], step: Int) -> [Float] {
    let noise = Self.vector(seed, UInt32(step) + 1, scale: 0.5)
    return p.indices.map { i in
      let previous = p[(i + Self.count - 1) % Self.count]
      return p[i] * p[i] * p[i] - constants[i] + 0.125 * (p[i] - previous) + noise[i]
    }
  }

  private static func vector(_ seed: UInt32, _ stream: UInt32, scale: Float) -> [Float] {
    (0..<UInt32(count)).map { uniform(seed, stream, $0) * scale }
  }

  /// A multiple of 2⁻²⁴ in [−0.5, 0.5).
  private static func uniform(_ seed: UInt32, _ stream: UInt32, _ index: UInt32) -> Float {
    var hash = seed &* 0x9e37_79b1 &+ stream &* 0x85eb_ca77 &+ index &* 0xc2b2_ae3d
    hash ^= hash >> 16
    hash = hash &* 0x85eb_ca6b
    hash ^= hash >> 13
    hash = hash &* 0xc2b2_ae35
    hash ^= hash >> 16
    return Float(hash >> 8) * 0x1p-24 - 0.5
  }
}
