import ConvoyTestSupport
import Foundation
import Testing

@Suite("Error bounds")
struct RoundedTests {
  /// The same operations in single precision stay within the bound, and come near enough to it that
  /// the bound means something: a tenth and more of it.
  @Test("hold for single precision, and not by much")
  func holds() {
    var generator = SeededGenerator(seed: 3)
    var worst = Array(repeating: 0.0, count: 6)
    for _ in 0..<5000 {
      let values = generator.values(count: 3, in: 0.25...4)
      let (a, b, c) = (Float(values[0]), Float(values[1]), Float(values[2]))
      let (x, y, z) = (Rounded(values[0]), Rounded(values[1]), Rounded(values[2]))
      let pairs: [(Float, Rounded)] = [
        (a * b + c, x * y + z),
        (a * b - c, x * y - z),
        ((a - b) * c, (x - y) * z),
        (a / (b + c), x / (y + z)),
        ((a * b).squareRoot() * c, (x * y).squareRoot() * z),
        // A library's functions, which are within 2 ulp as well.
        (exp(a * b) + log(c), (x * y).exponential() + z.logarithm()),
      ]
      for (index, (single, bound)) in pairs.enumerated() {
        worst[index] = max(worst[index], abs(Double(single) - bound.value) / bound.error)
      }
    }
    for fraction in worst { #expect((0.1...1).contains(fraction), "seed 3: \(worst)") }
  }

  /// γ₃ · 10 with γ₃ = 3 · 2⁻²⁴ / (1 − 3 · 2⁻²⁴).
  @Test("of a chain are its length in roundings of what it adds up")
  func chain() {
    let bound = Rounded.chainError(roundings: 3, magnitude: 10)
    #expect(abs(bound / (30 * 0x1p-24) - 1) < 1e-6)
    #expect(Rounded.chainError(roundings: 3, magnitude: 0) == 0)
  }

  @Test("an error that is not a number is infinite, and the worst error is kept")
  func worst() {
    var worst = WorstError()
    worst.record(1, expected: 1, bound: 0, place: 0)
    #expect(worst.fraction == 0)
    worst.record(1.5, expected: 1, bound: 1, place: 1)
    worst.record(1.25, expected: 1, bound: 1, place: 2)
    #expect(worst.fraction == 0.5)
    worst.record(.nan, expected: 1, bound: 1, place: 3)
    #expect(worst.fraction == .infinity)
  }
}
