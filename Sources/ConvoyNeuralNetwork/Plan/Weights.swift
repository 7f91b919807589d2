import ConvoyKernelInterface

/// The weights and biases of a stage, one after another in `ParameterMemory`.
///
/// A stage without biases still has places for them: they are zero, and never updated or saved.
struct WeightPlaces: Sendable {
  let weights: GroupedPanels
  let weightsPlace: Int
  let biasesPlace: Int
  let hasBiases: Bool
  let areFrozen: Bool

  init(
    _ weights: GroupedPanels, hasBiases: Bool = true, areFrozen: Bool = false,
    in places: inout Places
  ) {
    self.hasBiases = hasBiases
    self.areFrozen = areFrozen
    self.weights = weights
    weightsPlace = places.take(weights.count)
    biasesPlace = places.take(weights.columns)
  }

  /// Floats from the first weight to past the last bias.
  var count: Int { biasesPlace + weights.columns - weightsPlace }

  /// Blocks of about 256 rows of a panel: small enough to balance between workers and to stay in
  /// the L1 cache, large enough to outweigh the cost of a ticket.
  ///
  /// - Parameter rowMultiple: blocks end at multiples of this.
  func blocks(stage: Int, rowMultiple: Int) -> [ParameterBlock] {
    let rowsABlock = max(1, 256 / rowMultiple) * rowMultiple
    var blocks: [ParameterBlock] = []
    for panel in 0..<weights.panels {
      let start = weightsPlace + weights.offset(ofPanel: panel)
      let width = weights.width(ofPanel: panel)
      for row in stride(from: 0, to: weights.rows, by: rowsABlock) {
        let rows = row..<min(row + rowsABlock, weights.rows)
        blocks.append(
          ParameterBlock(
            stage: stage,
            range: start + rows.lowerBound * width..<start + rows.upperBound * width,
            part: .weights(panel: panel, rows: rows), isFrozen: areFrozen))
      }
    }
    guard hasBiases else { return blocks }
    let biases = biasesPlace..<biasesPlace + weights.columns
    blocks.append(
      ParameterBlock(stage: stage, range: biases, part: .biases, isFrozen: areFrozen))
    return blocks
  }

  /// The biases as a tensor, where there are any.
  func biases(name: String, count: Int) -> [ParameterTensor] {
    guard hasBiases else { return [] }
    return [
      ParameterTensor(
        name: name, shape: [count], kind: .constant(0), isFrozen: areFrozen,
        layout: TensorLayout(vectorAt: biasesPlace, count: count))
    ]
  }
}

/// The weight gradient in a group's slot, laid out as the weights are.
struct WeightSlot: Sendable {
  private let weights: GroupedPanels
  private let place: Int

  init(_ weights: GroupedPanels, in places: inout Places) {
    self.weights = weights
    place = places.take(weights.count)
  }

  func gradient(_ pass: SamplePass, panel: Int) -> MutableFloatPointer {
    unsafe pass.slotPointer + (place + weights.offset(ofPanel: panel))
  }

  /// Sums rows of a panel over slots.
  func sum(
    _ kernels: any KernelSet, panel: Int, rows: Range<Int>, batch: BatchMemory, slots: Int,
    into gradient: MutableFloatPointer
  ) {
    let width = weights.width(ofPanel: panel)
    let first = weights.offset(ofPanel: panel) + rows.lowerBound * width
    unsafe kernels.sumSlots(
      slots, step: batch.slotStep, count: rows.count * width,
      values: batch.slot(0) + (place + first), sums: gradient)
  }
}
