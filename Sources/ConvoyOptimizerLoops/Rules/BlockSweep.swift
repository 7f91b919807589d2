import ConvoyOptimizerLoopInterface

/// Applies a rule to a block, eight parameters at a time. Each product and sum is rounded
/// separately, so that the bits depend neither on the processor nor on how parameters are split
/// into blocks.
@inline(__always)
func sweep<Rule: BlockRule>(
  _ block: BlockMemory, _ preparation: GradientPreparation, by rule: Rule
) {
  if preparation.changesNothing {
    sweep(block, Off.self, preparation, rule)
  } else {
    sweep(block, On.self, preparation, rule)
  }
}

/// Updates the first few parameters separately, so that no vector straddles a cache line. Blocks of
/// large arrays and their moments usually have the same misalignment.
@inline(__always)
private func sweep<Rule: BlockRule, Prepared: Switch>(
  _ block: BlockMemory, _ prepared: Prepared.Type, _ preparation: GradientPreparation, _ rule: Rule
) {
  let width = Lanes.scalarCount
  let misalignment = Int(bitPattern: block.parameters) / MemoryLayout<Float>.stride & (width &- 1)
  var index = 0
  if misalignment != 0 {
    index = min(width &- misalignment, block.count)
    updatePart(block, 0, index, prepared, preparation, rule)
  }
  let last = block.count &- width
  while index <= last {
    update(block, index, width, prepared, preparation, rule)
    index &+= width
  }
  if index < block.count {
    updatePart(block, index, block.count &- index, prepared, preparation, rule)
  }
}

@inline(never)
private func updatePart<Rule: BlockRule, Prepared: Switch>(
  _ block: BlockMemory, _ index: Int, _ width: Int, _ prepared: Prepared.Type,
  _ preparation: GradientPreparation, _ rule: Rule
) {
  update(block, index, width, prepared, preparation, rule)
}

/// - Parameter width: the number of parameters to update, at most 8.
@inline(__always)
private func update<Rule: BlockRule, Prepared: Switch>(
  _ block: BlockMemory, _ index: Int, _ width: Int, _: Prepared.Type,
  _ preparation: GradientPreparation, _ rule: Rule
) {
  let momentCount = Rule.momentCount
  var parameter = load(block.parameters + index, width)
  var gradient = load(block.gradients + index, width)
  var moments = LaneMoments(
    first: momentCount < 1 ? Lanes() : load(block.first + index, width),
    second: momentCount < 2 ? Lanes() : load(block.second + index, width),
    third: momentCount < 3 ? Lanes() : load(block.third + index, width))
  if Prepared.isOn { preparation.apply(to: &gradient, of: &parameter) }
  rule.update(&parameter, along: gradient, moments: &moments)
  store(parameter, block.parameters + index, width)
  if momentCount >= 1 { store(moments.first, block.first + index, width) }
  if momentCount >= 2 { store(moments.second, block.second + index, width) }
  if momentCount >= 3 { store(moments.third, block.third + index, width) }
}
