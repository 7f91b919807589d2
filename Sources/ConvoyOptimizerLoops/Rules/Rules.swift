/// One vector of AVX2, two of SSE2 and NEON.
typealias Lanes = SIMD8<Float>

/// The update of eight parameters. A type rather than a closure, so that it is always inlined.
protocol BlockRule {
  /// The number of moments that the rule reads and writes.
  static var momentCount: Int { get }

  /// - Parameter gradient: clipped, L2 included.
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments)
}

/// A compile-time choice, so that loops do not branch on it.
protocol Switch {
  static var isOn: Bool { get }
}

enum On: Switch {
  static var isOn: Bool { true }
}

enum Off: Switch {
  static var isOn: Bool { false }
}

struct DescentRule: BlockRule {
  let rate: Float

  static var momentCount: Int { 0 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments _: inout LaneMoments) {
    parameter -= gradient * rate
  }
}

/// Moves an average towards the numbers that take the gradient's place.
struct AverageRule: BlockRule {
  let share: Float

  static var momentCount: Int { 0 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments _: inout LaneMoments) {
    parameter += (gradient - parameter) * share
  }
}

struct MomentumRule<Nesterov: Switch>: BlockRule {
  let rate: Float
  let momentum: Float

  static var momentCount: Int { 1 }

  @inline(__always)
  func update(_ parameter: inout Lanes, along gradient: Lanes, moments: inout LaneMoments) {
    moments.first = moments.first * momentum + gradient
    let direction = Nesterov.isOn ? gradient + moments.first * momentum : moments.first
    parameter -= direction * rate
  }
}
