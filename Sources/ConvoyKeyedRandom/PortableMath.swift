/// Elementary functions as series in a fixed order, so that every system gives the same bits. Those
/// of the C library differ in the last digit between systems.
package enum PortableMath {
  /// ln x for normal positive x: x = m 2^e with m from √½ to √2, and ln m = 2 artanh s with
  /// s = (m − 1) / (m + 1), |s| < 0.172, whose series up to s²¹ leaves less than 1e-18.
  package static func logarithm(_ x: Double) -> Double {
    var (m, e) = (x.significand, Double(x.exponent))
    if m > 2.0.squareRoot() {
      m /= 2
      e += 1
    }
    let s = (m - 1) / (m + 1)
    var series = 0.0
    for odd in stride(from: 21, through: 1, by: -2) { series = series * s * s + 2 / Double(odd) }
    return e * 0.693_147_180_559_945_3 + s * series
  }

  /// e^x = 2^k e^r with |r| ≤ ln 2 / 2, for which Taylor's series up to r¹⁵ leaves less than 1e-20.
  /// The relative error is below (|x| + 4) 2⁻⁵², because k ln 2 is rounded. Results below 2⁻¹⁰²² are
  /// zero, and those above 2¹⁰²³ infinite.
  package static func exponential(_ x: Double) -> Double {
    let k = (x * 1.442_695_040_888_963_4).rounded()
    guard k > -1022 else { return 0 }
    guard k < 1023 else { return .infinity }
    let r = x - k * 0.693_147_180_559_945_3
    var series = 1.0
    for power in stride(from: 15, through: 1, by: -1) { series = 1 + series * r / Double(power) }
    return Double(sign: .plus, exponent: Int(k), significand: series)
  }

  /// cos 2πt for t in [0, 1): reduced by quarter turns to an angle of at most π / 2, for which
  /// Taylor's series up to the 22nd power has an error below 1e-16.
  package static func cosine(ofTurns t: Double) -> Double {
    let quarter = (4 * t).rounded(.down)
    let angle = (4 * t - quarter) * (Double.pi / 2)
    func series(_ first: Int) -> Double {
      var sum = 0.0
      for power in stride(from: first + 20, through: first, by: -2) {
        let next = Double((power + 1) * (power + 2))
        sum = 1 - sum * angle * angle / next
      }
      return sum
    }
    switch Int(quarter) {
    case 0: return series(0)
    case 1: return -angle * series(1)
    case 2: return -series(0)
    default: return angle * series(1)
    }
  }

  /// sin 2πt for t in [0, 1): the cosine a quarter turn earlier.
  package static func sine(ofTurns t: Double) -> Double {
    cosine(ofTurns: t < 0.25 ? t + 0.75 : t - 0.25)
  }
}
