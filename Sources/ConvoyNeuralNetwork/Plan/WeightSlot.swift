import ConvoyKernelInterface

/// The weight gradient in a shard's slot, laid out as the weights are.
struct WeightSlot: Sendable {
  private let weights: PanelLayout
  private let place: Int

  init(_ weights: PanelLayout, in places: inout Places) {
    self.weights = weights
    place = places.take(weights.count)
  }

  func gradient(_ pass: ShardPass) -> MutableFloatPointer { pass.slot + place }

  /// Sums rows of a panel over shards.
  func sum(
    _ kernels: any KernelSet, panel: Int, rows: Range<Int>, batch: BatchMemory, shards: Int,
    into gradient: MutableFloatPointer
  ) {
    let width = weights.width(ofPanel: panel)
    let first = weights.offset(ofPanel: panel) + rows.lowerBound * width
    kernels.sumSlots(
      shards, step: batch.slotStep, count: rows.count * width,
      values: batch.slot(0) + (place + first), sums: gradient)
  }
}
