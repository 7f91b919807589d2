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
    let width = Lanes.scalarCount
    var (parameters, directions) = (LaneSums(), LaneSums())
    var index = 0
    while index <= block.count &- width {
      measure(block, index, width, preparation, &parameters, &directions)
      index &+= width
    }
    if index < block.count {
      measurePart(block, index, block.count &- index, preparation, &parameters, &directions)
    }
    return LambSums(parameters: parameters.total, directions: directions.total)
  }

  @inline(never)
  private func measurePart(
    _ block: BlockMemory, _ index: Int, _ width: Int, _ preparation: GradientPreparation,
    _ parameters: inout LaneSums, _ directions: inout LaneSums
  ) {
    measure(block, index, width, preparation, &parameters, &directions)
  }

  @inline(__always)
  private func measure(
    _ block: BlockMemory, _ index: Int, _ width: Int, _ preparation: GradientPreparation,
    _ parameters: inout LaneSums, _ directions: inout LaneSums
  ) {
    var parameter = load(block.parameters + index, width)
    var gradient = load(block.gradients + index, width)
    preparation.apply(to: &gradient, of: &parameter)
    var moments = moments(of: block, index, width)
    adam.average(gradient, into: &moments)
    store(moments.first, block.first + index, width)
    store(moments.second, block.second + index, width)
    parameters.addSquares(of: parameter)
    directions.addSquares(of: direction(of: parameter, moments))
  }

  @inline(__always)
  func update(_ block: BlockMemory, rate: Float) {
    let width = Lanes.scalarCount
    var index = 0
    while index <= block.count &- width {
      update(block, index, width, rate)
      index &+= width
    }
    if index < block.count { updatePart(block, index, block.count &- index, rate) }
  }

  @inline(never)
  private func updatePart(_ block: BlockMemory, _ index: Int, _ width: Int, _ rate: Float) {
    update(block, index, width, rate)
  }

  @inline(__always)
  private func update(_ block: BlockMemory, _ index: Int, _ width: Int, _ rate: Float) {
    let parameter = load(block.parameters + index, width)
    let direction = direction(of: parameter, moments(of: block, index, width))
    store(parameter - direction * rate, block.parameters + index, width)
  }

  @inline(__always)
  private func moments(of block: BlockMemory, _ index: Int, _ width: Int) -> LaneMoments {
    LaneMoments(
      first: load(block.first + index, width), second: load(block.second + index, width),
      third: Lanes())
  }

  @inline(__always)
  private func direction(of parameter: Lanes, _ moments: LaneMoments) -> Lanes {
    moments.first * meanCorrection / adam.root(of: moments) + parameter * decay
  }
}
