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
