typealias Lanes = SIMD8<Float>

/// What an optimizer does to eight parameters. A type rather than a closure, so that it is always
/// inlined.
protocol BlockRule {
  /// Moments that are read and written.
  static var momentCount: Int { get }

  /// - Parameter gradient: clipped, L2 included.
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments)
}

/// What a rule remembers of eight parameters; zero where it remembers less.
struct LaneMoments {
  var first: Lanes
  var second: Lanes
  var third: Lanes
}
