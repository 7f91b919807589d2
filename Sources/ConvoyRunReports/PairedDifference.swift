import Foundation

/// The mean difference between the runs of two rows with the same seeds, and how sure it is.
package struct PairedDifference: Sendable, Equatable {
  /// Of the pairs, at least 2.
  package let pairs: Int
  package let mean: Double
  /// The 95% confidence interval of the mean lies so far to either side of it (Student, 1908).
  package let margin: Double

  /// Nil of fewer than two differences, or where one is not a number.
  init?(_ differences: [Double]) {
    guard differences.count > 1, differences.allSatisfy(\.isFinite) else { return nil }
    let spread = Spread(differences)
    pairs = differences.count
    mean = spread.mean
    margin =
      Self.largestDeviation(degreesOfFreedom: pairs - 1) * (spread.deviation ?? 0)
      / Double(pairs).squareRoot()
    // Accuracies of a log may be any numbers.
    guard (abs(mean) + margin).isFinite else { return nil }
  }

  /// What 95% of Student's t distribution lies within, on either side of 0: 1.96 for many degrees of
  /// freedom.
  static func largestDeviation(degreesOfFreedom degrees: Int) -> Double {
    // The share grows with the angle whose tangent is t / √degrees.
    var (low, high) = (0.0, Double.pi / 2)
    for _ in 0..<60 {
      let angle = (low + high) / 2
      if share(within: angle, degrees) < 0.95 { low = angle } else { high = angle }
    }
    return tan(low) * Double(degrees).squareRoot()
  }

  /// By the finite series of Abramowitz and Stegun (1964), 26.7.3 and 26.7.4.
  private static func share(within angle: Double, _ degrees: Int) -> Double {
    let isOdd = !degrees.isMultiple(of: 2)
    let (sine, cosine) = (sin(angle), cos(angle))
    var term = isOdd ? cosine : 1
    var sum = degrees == 1 ? 0 : term
    for power in stride(from: isOdd ? 3 : 2, through: degrees - 2, by: 2) {
      term *= cosine * cosine * Double(power - 1) / Double(power)
      sum += term
    }
    return isOdd ? 2 / .pi * (angle + sine * sum) : sine * sum
  }
}
