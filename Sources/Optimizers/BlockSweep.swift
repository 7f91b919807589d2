typealias Lanes = SIMD8<Float>

/// What an optimizer does to eight parameters. A type rather than a closure, so that it is always
/// inlined.
protocol BlockRule {
  /// Moments that are read and written.
  static var momentCount: Int { get }

  /// - Parameter gradient: L2 included.
  func update(
    _ parameter: inout Lanes, along gradient: Lanes, first: inout Lanes, second: inout Lanes)
}

/// Applies a rule to a block, eight parameters at a time; products and sums are rounded one by one,
/// so that every processor gives the same bits.
@inline(__always)
func sweep<Rule: BlockRule>(
  _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
  moments: Moments, step: UpdateStep, by rule: Rule
) {
  let momentCount = Rule.momentCount
  let l2 = Float(step.l2)
  precondition(parameters.count == gradients.count, "a gradient for each parameter")
  precondition(momentCount < 1 || moments.first != nil, "the first moment is missing")
  precondition(momentCount < 2 || moments.second != nil, "the second moment is missing")
  let count = parameters.count
  guard let values = parameters.baseAddress, let slopes = gradients.baseAddress else { return }
  // Unused moments stand in for themselves and are neither read nor written.
  let first = momentCount < 1 ? values : moments.first ?? values
  let second = momentCount < 2 ? values : moments.second ?? values

  var index = 0
  while index < count {
    let width = min(Lanes.scalarCount, count - index)
    var parameter = load(values + index, width)
    var gradient = load(slopes + index, width)
    var firstMoment = momentCount < 1 ? Lanes() : load(first + index, width)
    var secondMoment = momentCount < 2 ? Lanes() : load(second + index, width)
    if l2 != 0 { gradient += parameter * l2 }
    rule.update(
      &parameter, along: gradient, first: &firstMoment, second: &secondMoment)
    store(parameter, values + index, width)
    if momentCount >= 1 { store(firstMoment, first + index, width) }
    if momentCount >= 2 { store(secondMoment, second + index, width) }
    index += width
  }
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Float>, _ width: Int) -> Lanes {
  if width == Lanes.scalarCount {
    return UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }
  var lanes = Lanes()
  for lane in 0..<width { lanes[lane] = pointer[lane] }
  return lanes
}

@inline(__always)
private func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<Float>, _ width: Int) {
  if width == Lanes.scalarCount {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
  } else {
    for lane in 0..<width { pointer[lane] = lanes[lane] }
  }
}

@inline(__always)
private func load(_ pointer: UnsafeMutablePointer<Float>, _ width: Int) -> Lanes {
  load(UnsafePointer(pointer), width)
}
