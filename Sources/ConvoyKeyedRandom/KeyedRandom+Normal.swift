extension KeyedRandom {
  /// Normal with mean 0 and deviation 1 (Box and Muller, 1958). The logarithm and the cosine are
  /// series of our own, so that every system gives the same bits.
  package func normal(_ counter: Int) -> Double {
    // 1 − u is never zero, so that the logarithm is finite.
    let radius = (-2 * Self.logarithm(1 - uniform(2 * counter))).squareRoot()
    return radius * Self.cosineOfTurns(uniform(2 * counter + 1))
  }

  /// ln x for normal positive x: x = m 2^e with m from √½ to √2, and ln m = 2 artanh s with
  /// s = (m − 1) / (m + 1), |s| < 0.172, whose series up to s²¹ leaves less than 1e-18.
  private static func logarithm(_ x: Double) -> Double {
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

  /// cos 2πt for t in [0, 1): quarter turns are taken off, and Taylor's series up to the 22nd power
  /// leaves less than 1e-16 of the rest, which is at most π / 2.
  private static func cosineOfTurns(_ t: Double) -> Double {
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
}
