import Foundation

/// A number computed in double precision, with a bound on how far the same operations in single
/// precision may stray: running error analysis (Wilkinson, 1963).
///
/// Every operation passes on the errors of its operands and adds its own rounding, half a unit of
/// the last place, relatively at most 2⁻²⁴, or absolutely 2⁻¹⁴⁹ where the result underflows.
package struct Rounded: Sendable {
  package let value: Double
  package let error: Double

  /// Relative error of one rounding to nearest.
  package static let unit = 0x1p-24
  /// What Convoy's e^x and ln x promise, in roundings: 2 ulp, each at most two roundings.
  package static let elementaryRoundings = 4.0
  private static let underflow = 0x1p-149

  /// A number that single precision holds exactly.
  package init(_ exact: Double) {
    value = exact
    error = 0
  }

  /// A number that single precision holds after one rounding.
  package init(rounding value: Double) { self.init(value, propagated: 0) }

  private init(_ value: Double, propagated: Double, roundings: Double = 1) {
    self.value = value
    error = propagated + roundings * (Self.unit * (abs(value) + propagated) + Self.underflow)
  }

  /// A chain of `roundings` additions, fused or not, whose terms have absolute values that sum to
  /// `magnitude`: γₙ · magnitude with γₙ = n u / (1 − n u) (Higham, 2002, section 3.1). The second
  /// term is the same bound for the double precision it is compared with.
  package static func chainError(roundings: Int, magnitude: Double) -> Double {
    let single = Double(roundings) * unit
    let double = Double(roundings + 1) * 0x1p-53
    return (single / (1 - single) + double) * magnitude
  }

  package static prefix func - (a: Rounded) -> Rounded {
    Rounded(-a.value, propagated: a.error, roundings: 0)
  }

  package static func + (a: Rounded, b: Rounded) -> Rounded {
    Rounded(a.value + b.value, propagated: a.error + b.error)
  }

  package static func - (a: Rounded, b: Rounded) -> Rounded { a + -b }

  package static func * (a: Rounded, b: Rounded) -> Rounded {
    let propagated = abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error
    return Rounded(a.value * b.value, propagated: propagated)
  }

  /// The divisor's error is below its value.
  package static func / (a: Rounded, b: Rounded) -> Rounded {
    let smallest = abs(b.value) - b.error
    let quotient = a.value / b.value
    return Rounded(quotient, propagated: (a.error + abs(quotient) * b.error) / smallest)
  }

  package func squareRoot() -> Rounded {
    let root = value.squareRoot()
    // |√(x + e) − √x| ≤ e / √x, and ≤ √e near zero.
    let propagated = root > 0 ? min(error / root, error.squareRoot()) : error.squareRoot()
    return Rounded(root, propagated: propagated)
  }

  /// e^x for x ≤ 88; below −87 the kernels take e^−87.
  package func exponential() -> Rounded {
    let power = Foundation.exp(value)
    let bounded = Foundation.exp(max(value, -87))
    let propagated = bounded * (Foundation.exp(error) - 1) + abs(power - bounded)
    return Rounded(power, propagated: propagated, roundings: Self.elementaryRoundings)
  }

  package func logarithm() -> Rounded {
    Rounded(
      Foundation.log(value), propagated: error / (value - error),
      roundings: Self.elementaryRoundings)
  }
}
