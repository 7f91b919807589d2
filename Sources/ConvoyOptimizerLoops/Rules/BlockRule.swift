/// One vector of AVX2, two of SSE2 and NEON.
typealias Lanes = SIMD8<Float>

/// What an optimizer does to eight parameters. A type rather than a closure, so that it is always
/// inlined.
protocol BlockRule {
  /// Moments that are read and written.
  static var momentCount: Int { get }

  /// - Parameter gradient: clipped, L2 included.
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments)
}
