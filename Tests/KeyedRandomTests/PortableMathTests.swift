import ConvoyKeyedRandom
import Foundation
import Testing

/// Against the C library, whose error is below 1 ulp.
@Suite("Portable functions")
struct PortableMathTests {
  private let random = KeyedRandom(seed: 4, purpose: .initialization)

  /// e ln 2 and its sum with the series are rounded once each: 2 ulps of the result, or of ln 2
  /// where they cancel.
  @Test("the logarithm is that of the library within its rounding")
  func logarithm() {
    #expect(PortableMath.logarithm(1) == 0)
    for draw in 0..<2000 {
      let x = exp(60 * random.uniform(draw) - 40)
      #expect(abs(PortableMath.logarithm(x) - log(x)) <= 4 * max(abs(log(x)), 0.7) * 0x1p-53)
    }
  }

  @Test("the exponential is that of the library within its rounding, and saturates")
  func exponential() {
    #expect(PortableMath.exponential(0) == 1)
    #expect(PortableMath.exponential(-1e300) == 0)
    #expect(PortableMath.exponential(1e300) == .infinity)
    for draw in 0..<2000 {
      let x = 1400 * random.uniform(draw) - 700
      let error = abs(PortableMath.exponential(x) - exp(x)) / exp(x)
      #expect(error <= (abs(x) + 4) * 0x1p-52, "e^\(x)")
    }
  }

  /// The angle is rounded to 2⁻⁵³ of a turn and the series has an error below 1e-16; the library's
  /// argument is rounded to an ulp of 2π.
  @Test("sine and cosine are those of the library, and exact at quarter turns")
  func sineAndCosine() {
    #expect(PortableMath.sine(ofTurns: 0) == 0 && PortableMath.cosine(ofTurns: 0) == 1)
    #expect(PortableMath.sine(ofTurns: 0.25) == 1 && PortableMath.cosine(ofTurns: 0.25) == 0)
    #expect(PortableMath.sine(ofTurns: 0.5) == 0 && PortableMath.cosine(ofTurns: 0.5) == -1)
    #expect(PortableMath.sine(ofTurns: 0.75) == -1 && PortableMath.cosine(ofTurns: 0.75) == 0)
    for draw in 0..<2000 {
      let turns = random.uniform(draw)
      #expect(abs(PortableMath.sine(ofTurns: turns) - sin(2 * .pi * turns)) <= 2e-15)
      #expect(abs(PortableMath.cosine(ofTurns: turns) - cos(2 * .pi * turns)) <= 2e-15)
    }
  }
}
