/// Elementary functions as polynomials: library functions differ between systems, and the project
/// promises equal bits.
enum Elementary {
  /// e^x within 2 ulp for −87 ≤ x ≤ 88; other arguments are clamped to this range.
  ///
  /// x = n ln 2 + r with |r| ≤ ln 2 / 2; ln 2 is subtracted in two parts (Cody and Waite, 1980),
  /// and Taylor's series up to r⁷ leaves a relative error below r⁸ / 8! < 6e−9.
  @inline(__always)
  static func exp(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let (least, most) = (SIMD16<Float>(repeating: -87), SIMD16<Float>(repeating: 88))
    let bounded = x.replaced(by: least, whereBelow: least).replaced(by: most, whereAbove: most)
    // Adding 1.5 · 2²³ rounds to a whole number, and leaves it in the low bits.
    let shifted = bounded * 1.442_695_04 + 12_582_912
    let n = shifted - 12_582_912
    var r = bounded.adding(n, times: -0.693_359_375)
    r = r.adding(n, times: 2.121_944_4e-4)
    var sum = SIMD16<Float>(repeating: 1 / 5040)
    sum = SIMD16(repeating: 1 / 720).adding(sum, times: r)
    sum = SIMD16(repeating: 1 / 120).adding(sum, times: r)
    sum = SIMD16(repeating: 1 / 24).adding(sum, times: r)
    sum = SIMD16(repeating: 1 / 6).adding(sum, times: r)
    sum = SIMD16(repeating: 0.5).adding(sum, times: r)
    sum = SIMD16(repeating: 1).adding(sum, times: r)
    sum = SIMD16(repeating: 1).adding(sum, times: r)
    let power = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23 &+ (127 << 23)
    return sum * unsafeBitCast(power, to: SIMD16<Float>.self)
  }

  /// e^x − 1 for x ≤ 0; above −0.25, where the difference loses digits, Taylor's series up to x⁷,
  /// which leaves a relative error below 4e−9.
  @inline(__always)
  static func expMinusOne(_ x: SIMD16<Float>) -> SIMD16<Float> {
    var series = SIMD16<Float>(repeating: 1 / 5040)
    series = SIMD16(repeating: 1 / 720).adding(series, times: x)
    series = SIMD16(repeating: 1 / 120).adding(series, times: x)
    series = SIMD16(repeating: 1 / 24).adding(series, times: x)
    series = SIMD16(repeating: 1 / 6).adding(series, times: x)
    series = SIMD16(repeating: 0.5).adding(series, times: x)
    let small = x.adding(x * x, times: series)
    return small.chosen(where: x, exceeds: SIMD16(repeating: -0.25), otherwise: exp(x) - 1)
  }

  /// The cumulative normal distribution, (1 + erf(x / √2)) / 2, within 4e−7.
  @inline(__always)
  static func normalDistribution(_ x: SIMD16<Float>) -> SIMD16<Float> {
    SIMD16(repeating: 0.5).adding(erf(x * 0.707_106_78), times: SIMD16(repeating: 0.5))
  }

  /// x P(x²) / Q(x²), a rational approximation for |x| ≤ 4, fitted to a relative error of 2e−9 and
  /// held within ±1. From 4 on, erf is ±1 in single precision.
  @inline(__always)
  private static func erf(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let (four, one) = (SIMD16<Float>(repeating: 4), SIMD16<Float>(repeating: 1))
    let bounded = x.replaced(by: -four, whereBelow: -four).replaced(by: four, whereAbove: four)
    let square = bounded * bounded
    var numerator = SIMD16<Float>(repeating: -1.320_194_8e-8)
    numerator = SIMD16(repeating: 4.684_716_7e-6).adding(numerator, times: square)
    numerator = SIMD16(repeating: 3.796_070_8e-4).adding(numerator, times: square)
    numerator = SIMD16(repeating: 3.849_625_8e-3).adding(numerator, times: square)
    numerator = SIMD16(repeating: 5.431_692_7e-2).adding(numerator, times: square)
    numerator = SIMD16(repeating: 0.185_203_72).adding(numerator, times: square)
    numerator = SIMD16(repeating: 1.128_379_2).adding(numerator, times: square)
    var denominator = SIMD16<Float>(repeating: 6.311_001_2e-5)
    denominator = SIMD16(repeating: 1.307_570_5e-3).adding(denominator, times: square)
    denominator = SIMD16(repeating: 1.546_211_2e-2).adding(denominator, times: square)
    denominator = SIMD16(repeating: 0.113_958_575).adding(denominator, times: square)
    denominator = SIMD16(repeating: 0.497_465_94).adding(denominator, times: square)
    denominator = SIMD16(repeating: 1).adding(denominator, times: square)
    let quotient = bounded * numerator / denominator
    let belowFour = SIMD16(repeating: Float(4).nextDown)
    let held = quotient.replaced(by: one, whereAbove: one).replaced(by: -one, whereBelow: -one)
    return one.chosen(
      where: x, exceeds: belowFour,
      otherwise: (-one).chosen(where: -belowFour, exceeds: x, otherwise: held))
  }

  /// 1 / (1 + e^−x).
  @inline(__always)
  static func sigmoid(_ x: SIMD16<Float>) -> SIMD16<Float> {
    1 / (1 + exp(-x))
  }

  /// (1 − e^−2|x|) / (1 + e^−2|x|) with the sign of x; below 0.25, where that loses digits,
  /// Taylor's series up to x⁹, which leaves a relative error below 3e−9.
  @inline(__always)
  static func tanh(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let zero = SIMD16<Float>()
    let magnitude = x.replaced(by: -x, whereBelow: zero)
    let power = exp(magnitude * -2)
    let quotient = (1 - power) / (1 + power)
    let square = x * x
    var series = SIMD16<Float>(repeating: 62 / 2835)
    series = SIMD16(repeating: -17 / 315).adding(series, times: square)
    series = SIMD16(repeating: 2 / 15).adding(series, times: square)
    series = SIMD16(repeating: -1 / 3).adding(series, times: square)
    let small = x.adding(x * square, times: series)
    let signed = (-quotient).chosen(where: zero, exceeds: x, otherwise: quotient)
    return small.chosen(
      where: SIMD16(repeating: 0.25), exceeds: magnitude, otherwise: signed)
  }

  /// ln x within 2 ulp, for normal positive x.
  ///
  /// x = m 2^e with m from √½ to √2; ln m = 2 artanh s with s = (m − 1) / (m + 1), |s| < 0.172,
  /// whose series up to s⁹ leaves an error below 5e−9.
  @inline(__always)
  static func log(_ x: Float) -> Float {
    var m = x.significand
    var e = Float(x.exponent)
    if m > 1.414_213_5 {
      m *= 0.5
      e += 1
    }
    let s = (m - 1) / (m + 1)
    let square = s * s
    let series = 2 / 3 + square * (2 / 5 + square * (2 / 7 + square * (2 / 9)))
    return e * 0.693_147_18 + (2 * s + s * square * series)
  }
}

extension SIMD16<Float> {
  @inline(__always)
  func replaced(by other: Self, whereBelow limit: Self) -> Self {
    other.chosen(where: limit, exceeds: self, otherwise: self)
  }

  @inline(__always)
  func replaced(by other: Self, whereAbove limit: Self) -> Self {
    other.chosen(where: self, exceeds: limit, otherwise: self)
  }

  /// Sixteen lanes, or, where a row has only eight left, these and zeros.
  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>, of left: Int) -> Self {
    left >= 16 ? load(pointer) : Self(lowHalf: SIMD8.load(pointer), highHalf: SIMD8())
  }

  @inline(__always)
  static func load(_ pointer: UnsafeMutablePointer<Float>, of left: Int) -> Self {
    load(UnsafePointer(pointer), of: left)
  }

  @inline(__always)
  func store(_ pointer: UnsafeMutablePointer<Float>, of left: Int) {
    if left >= 16 { store(pointer) } else { lowHalf.store(pointer) }
  }
}
