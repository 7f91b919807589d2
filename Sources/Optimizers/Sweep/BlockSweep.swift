/// Applies a rule to a block, eight parameters at a time; products and sums are rounded one by one,
/// so that every processor gives the same bits, however parameters are cut into blocks.
@inline(__always)
func sweep<Rule: BlockRule>(
  _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
  moments: Moments, preparation: GradientPreparation, by rule: Rule
) {
  let momentCount = Rule.momentCount
  precondition(parameters.count == gradients.count, "a gradient for each parameter")
  precondition(momentCount < 1 || moments.first != nil, "the first moment is missing")
  precondition(momentCount < 2 || moments.second != nil, "the second moment is missing")
  precondition(momentCount < 3 || moments.third != nil, "the third moment is missing")
  guard let values = parameters.baseAddress, let slopes = gradients.baseAddress else { return }
  let block = Block(
    // Moments that the rule has not stand in for themselves and are neither read nor written.
    values: values, slopes: slopes, first: moments.first ?? values,
    second: moments.second ?? values, third: moments.third ?? values)
  if preparation.changesNothing {
    block.sweep(parameters.count, Off.self, preparation, rule)
  } else {
    block.sweep(parameters.count, On.self, preparation, rule)
  }
}

private struct Block {
  let values: UnsafeMutablePointer<Float>
  let slopes: UnsafePointer<Float>
  let first: UnsafeMutablePointer<Float>
  let second: UnsafeMutablePointer<Float>
  let third: UnsafeMutablePointer<Float>

  @inline(__always)
  func sweep<Rule: BlockRule, Prepared: Switch>(
    _ count: Int, _ prepared: Prepared.Type, _ preparation: GradientPreparation, _ rule: Rule
  ) {
    var index = 0
    let whole = count & ~(Lanes.scalarCount &- 1)
    while index < whole {
      update(index, Lanes.scalarCount, prepared, preparation, rule)
      index &+= Lanes.scalarCount
    }
    if index < count { update(index, count &- index, prepared, preparation, rule) }
  }

  /// - Parameter width: how many of eight parameters there are.
  @inline(__always)
  private func update<Rule: BlockRule, Prepared: Switch>(
    _ index: Int, _ width: Int, _: Prepared.Type, _ preparation: GradientPreparation, _ rule: Rule
  ) {
    let momentCount = Rule.momentCount
    var parameter = load(values + index, width)
    var gradient = load(slopes + index, width)
    var moments = LaneMoments(
      first: momentCount < 1 ? Lanes() : load(first + index, width),
      second: momentCount < 2 ? Lanes() : load(second + index, width),
      third: momentCount < 3 ? Lanes() : load(third + index, width))
    if Prepared.isOn { preparation.apply(to: &gradient, of: &parameter) }
    rule.update(&parameter, along: gradient, moments: &moments)
    store(parameter, values + index, width)
    if momentCount >= 1 { store(moments.first, first + index, width) }
    if momentCount >= 2 { store(moments.second, second + index, width) }
    if momentCount >= 3 { store(moments.third, third + index, width) }
  }
}
