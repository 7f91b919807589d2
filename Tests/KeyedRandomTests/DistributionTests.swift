import ConvoyKeyedRandom
import Testing

/// Tolerances are 5 standard deviations of the estimate, which a sound generator passes but for one
/// key in 1.7 million; the keys are fixed.
@Suite("Distributions")
struct DistributionTests {
  private static let count = 20_000
  private let random = KeyedRandom(seed: 5, purpose: .initialization, 8, 13)

  /// The mean's deviation is √(1/12 / n); that of the variance √((1/80 − 1/144) / n), with 1/80 the
  /// fourth central moment.
  @Test("uniform numbers lie in [0, 1) and have its mean and variance")
  func uniform() {
    let numbers = (0..<Self.count).map(random.uniform)
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 && ($0 * 0x1p53).rounded() == $0 * 0x1p53 })
    let (mean, variance) = moments(numbers, around: 0.5)
    let n = Double(Self.count)
    #expect(abs(mean - 0.5) <= 5 * (1 / 12 / n).squareRoot())
    #expect(abs(variance - 1 / 12) <= 5 * ((1 / 80 - 1 / 144) / n).squareRoot())
  }

  /// The mean's deviation is √(1 / n); that of the variance √((3 − 1) / n); that of a share p
  /// √(p (1 − p) / n). Within one deviation lie 68.27 %, within two 95.45 %.
  @Test("normal numbers have mean 0, variance 1 and the right shares near the middle")
  func normal() {
    let numbers = (0..<Self.count).map(random.normal)
    let n = Double(Self.count)
    let (mean, variance) = moments(numbers, around: 0)
    #expect(abs(mean) <= 5 * (1 / n).squareRoot())
    #expect(abs(variance - 1) <= 5 * (2 / n).squareRoot())
    for (limit, share) in [(1.0, 0.682_689), (2, 0.954_500)] {
      let inside = Double(numbers.count { abs($0) < limit }) / n
      #expect(abs(inside - share) <= 5 * (share * (1 - share) / n).squareRoot())
    }
    // Cosine alone would leave neighbours that share a radius correlated.
    let product = zip(numbers, numbers.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(product / (n - 1)) <= 5 * (1 / n).squareRoot())
  }

  @Test("integers stay below their bound and fill it evenly", arguments: [1, 2, 7, 100])
  func integers(bound: Int) {
    var counts = Array(repeating: 0, count: bound)
    for counter in 0..<Self.count {
      let value = random.integer(counter, below: bound)
      #expect((0..<bound).contains(value))
      counts[value] += 1
    }
    expectEven(counts, total: Self.count)
  }

  /// The share's deviation is √(p (1 − p) / n).
  @Test("a dropout mask drops its share and keeps the expected sum", arguments: [0, 0.1, 0.5, 0.9])
  func dropout(rate: Float) {
    var mask = Array(repeating: Float.nan, count: Self.count)
    mask.withUnsafeMutableBufferPointer { random.fillDropoutMask($0, rate: rate) }
    let dropped = mask.count { $0 == 0 }
    #expect(mask.allSatisfy { $0 == 0 || $0 == 1 / (1 - rate) })
    let (n, p) = (Double(Self.count), Double(rate))
    #expect(abs(Double(dropped) / n - p) <= 5 * (p * (1 - p) / n).squareRoot())
  }

  private func moments(_ numbers: [Double], around center: Double) -> (Double, Double) {
    let n = Double(numbers.count)
    let mean = numbers.reduce(0, +) / n
    let variance = numbers.reduce(0) { $0 + ($1 - center) * ($1 - center) } / n
    return (mean, variance)
  }
}

/// Pearson's χ² of counts that should be equal: its mean is k − 1 for k counts and its variance
/// 2 (k − 1); 6 deviations leave room for its longer tail.
func expectEven(
  _ counts: [Int], total: Int, sourceLocation: SourceLocation = #_sourceLocation
) {
  let expected = Double(total) / Double(counts.count)
  let square = counts.reduce(0) { sum, count in
    sum + (Double(count) - expected) * (Double(count) - expected) / expected
  }
  let freedom = Double(counts.count - 1)
  #expect(
    square <= freedom + 6 * (2 * freedom).squareRoot(), "χ² \(square), \(freedom) degrees",
    sourceLocation: sourceLocation)
}
