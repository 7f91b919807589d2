import ConvoyOptimizerLoopInterface

/// The two passes of LAMB. Eight parameters at a time, counted from the block's first, so that the
/// sums do not depend on its address.
struct LambRule {
  private let adam: AdamRule
  private let meanCorrection: Lanes
  private let decay: Lanes

  @inline(__always)
  init(_ coefficients: LambCoefficients) {
    adam = AdamRule(coefficients.adam)
    meanCorrection = Lanes(repeating: coefficients.meanCorrection)
    decay = Lanes(repeating: coefficients.decay)
  }

  @inline(__always)
  func measure(_ block: BlockMemory, _ preparation: GradientPreparation) -> LambSums {
    var parameters = LaneSums()
    var directions = LaneSums()
    var index = 0
    while index < block.count {
      let width = min(Lanes.scalarCount, block.count &- index)
      var parameter = load(block.parameters + index, width)
      var gradient = load(block.gradients + index, width)
      preparation.apply(to: &gradient, of: &parameter)
      var moments = LaneMoments(
        first: load(block.first + index, width), second: load(block.second + index, width),
        third: Lanes())
      adam.average(gradient, into: &moments)
      store(moments.first, block.first + index, width)
      store(moments.second, block.second + index, width)
      parameters.addSquares(of: parameter)
      directions.addSquares(of: direction(of: parameter, moments))
      index &+= Lanes.scalarCount
    }
    return LambSums(parameters: parameters.total, directions: directions.total)
  }

  @inline(__always)
  func update(_ block: BlockMemory, rate: Float) {
    var index = 0
    while index < block.count {
      let width = min(Lanes.scalarCount, block.count &- index)
      let parameter = load(block.parameters + index, width)
      let moments = LaneMoments(
        first: load(block.first + index, width), second: load(block.second + index, width),
        third: Lanes())
      store(
        parameter - direction(of: parameter, moments) * rate, block.parameters + index, width)
      index &+= Lanes.scalarCount
    }
  }

  @inline(__always)
  private func direction(of parameter: Lanes, _ moments: LaneMoments) -> Lanes {
    moments.first * meanCorrection / adam.root(of: moments) + parameter * decay
  }
}
