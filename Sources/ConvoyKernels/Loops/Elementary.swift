/// Elementary functions as polynomials: library functions differ between systems, and the project
/// promises equal bits.
enum Elementary {
  /// e^x within 2 ulp for −87 ≤ x ≤ 88; other arguments are clamped to this range.
  ///
  /// x = n ln 2 + r with |r| ≤ ln 2 / 2; ln 2 is subtracted in two parts (Cody and Waite, 1980),
  /// and Taylor's series up to r⁷ leaves a relative error below r⁸ / 8! < 6e−9.
  @inline(__always)
  static func exp(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let bounded = x.replacing(with: -87, where: x .< -87).replacing(with: 88, where: x .> 88)
    // Adding 1.5 · 2²³ rounds to a whole number, and leaves it in the low bits.
    let shifted = bounded * 1.442_695_04 + 12_582_912
    let n = shifted - 12_582_912
    var r = bounded.adding(n, times: -0.693_359_375)
    r = r.adding(n, times: 2.121_944_4e-4)
    var sum = SIMD8<Float>(repeating: 1 / 5040)
    sum = SIMD8(repeating: 1 / 720).adding(sum, times: r)
    sum = SIMD8(repeating: 1 / 120).adding(sum, times: r)
    sum = SIMD8(repeating: 1 / 24).adding(sum, times: r)
    sum = SIMD8(repeating: 1 / 6).adding(sum, times: r)
    sum = SIMD8(repeating: 0.5).adding(sum, times: r)
    sum = SIMD8(repeating: 1).adding(sum, times: r)
    sum = SIMD8(repeating: 1).adding(sum, times: r)
    let power = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23 &+ (127 << 23)
    return sum * unsafeBitCast(power, to: SIMD8<Float>.self)
  }

  /// e^x − 1 for x ≤ 0; above −0.25, where the difference loses digits, Taylor's series up to x⁷,
  /// which leaves a relative error below 4e−9.
  @inline(__always)
  static func expMinusOne(_ x: SIMD8<Float>) -> SIMD8<Float> {
    var series = SIMD8<Float>(repeating: 1 / 5040)
    series = SIMD8(repeating: 1 / 720).adding(series, times: x)
    series = SIMD8(repeating: 1 / 120).adding(series, times: x)
    series = SIMD8(repeating: 1 / 24).adding(series, times: x)
    series = SIMD8(repeating: 1 / 6).adding(series, times: x)
    series = SIMD8(repeating: 0.5).adding(series, times: x)
    let small = x.adding(x * x, times: series)
    return (exp(x) - 1).replacing(with: small, where: x .> -0.25)
  }

  /// The cumulative normal distribution, (1 + erf(x / √2)) / 2, within 4e−7.
  @inline(__always)
  static func normalDistribution(_ x: SIMD8<Float>) -> SIMD8<Float> {
    SIMD8(repeating: 0.5).adding(erf(x * 0.707_106_78), times: SIMD8(repeating: 0.5))
  }

  /// x P(x²) / Q(x²), a rational approximation for |x| ≤ 4, fitted to a relative error of 2e−9 and
  /// held within ±1. From 4 on, erf is ±1 in single precision.
  @inline(__always)
  private static func erf(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let bounded = x.replacing(with: -4, where: x .< -4).replacing(with: 4, where: x .> 4)
    let square = bounded * bounded
    var numerator = SIMD8<Float>(repeating: -1.320_194_8e-8)
    numerator = SIMD8(repeating: 4.684_716_7e-6).adding(numerator, times: square)
    numerator = SIMD8(repeating: 3.796_070_8e-4).adding(numerator, times: square)
    numerator = SIMD8(repeating: 3.849_625_8e-3).adding(numerator, times: square)
    numerator = SIMD8(repeating: 5.431_692_7e-2).adding(numerator, times: square)
    numerator = SIMD8(repeating: 0.185_203_72).adding(numerator, times: square)
    numerator = SIMD8(repeating: 1.128_379_2).adding(numerator, times: square)
    var denominator = SIMD8<Float>(repeating: 6.311_001_2e-5)
    denominator = SIMD8(repeating: 1.307_570_5e-3).adding(denominator, times: square)
    denominator = SIMD8(repeating: 1.546_211_2e-2).adding(denominator, times: square)
    denominator = SIMD8(repeating: 0.113_958_575).adding(denominator, times: square)
    denominator = SIMD8(repeating: 0.497_465_94).adding(denominator, times: square)
    denominator = SIMD8(repeating: 1).adding(denominator, times: square)
    let quotient = bounded * numerator / denominator
    return quotient.replacing(with: 1, where: (quotient .> 1) .| (x .>= 4))
      .replacing(with: -1, where: (quotient .< -1) .| (x .<= -4))
  }

  /// 1 / (1 + e^−x).
  @inline(__always)
  static func sigmoid(_ x: SIMD8<Float>) -> SIMD8<Float> {
    1 / (1 + exp(-x))
  }

  /// (1 − e^−2|x|) / (1 + e^−2|x|) with the sign of x; below 0.25, where that loses digits,
  /// Taylor's series up to x⁹, which leaves a relative error below 3e−9.
  @inline(__always)
  static func tanh(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let magnitude = x.replacing(with: -x, where: x .< 0)
    let power = exp(magnitude * -2)
    let quotient = (1 - power) / (1 + power)
    let square = x * x
    var series = SIMD8<Float>(repeating: 62 / 2835)
    series = SIMD8(repeating: -17 / 315).adding(series, times: square)
    series = SIMD8(repeating: 2 / 15).adding(series, times: square)
    series = SIMD8(repeating: -1 / 3).adding(series, times: square)
    let small = x.adding(x * square, times: series)
    return quotient.replacing(with: -quotient, where: x .< 0)
      .replacing(with: small, where: magnitude .< 0.25)
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
