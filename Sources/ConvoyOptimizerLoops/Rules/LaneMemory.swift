import ConvoyOptimizerLoopInterface

/// Reads eight numbers, or the first `width` of them and zeros.
@inline(__always)
func load(_ pointer: UnsafePointer<Float>, _ width: Int) -> Lanes {
  if width == Lanes.scalarCount {
    return UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }
  var lanes = Lanes()
  for lane in 0..<width { lanes[lane] = pointer[lane] }
  return lanes
}

@inline(__always)
func load(_ pointer: UnsafeMutablePointer<Float>, _ width: Int) -> Lanes {
  load(UnsafePointer(pointer), width)
}

/// Writes eight numbers, or the first `width` of them.
@inline(__always)
func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<Float>, _ width: Int) {
  if width == Lanes.scalarCount {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
  } else {
    for lane in 0..<width { pointer[lane] = lanes[lane] }
  }
}

/// The moments of eight parameters; zero for those that the rule does not have.
struct LaneMoments {
  var first: Lanes
  var second: Lanes
  var third: Lanes
}

extension GradientPreparation {
  @inline(__always)
  func apply(to gradient: inout Lanes, of parameter: inout Lanes) {
    gradient *= scale
    // Comparisons leave NaN as it is.
    gradient.replace(with: limit, where: gradient .> limit)
    gradient.replace(with: -limit, where: gradient .< -limit)
    gradient += parameter * l2
    parameter *= shrinkage
  }
}
