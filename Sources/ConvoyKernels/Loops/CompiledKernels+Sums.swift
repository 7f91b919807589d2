import ConvoyKernelInterface

extension CompiledKernels {
  /// Sums = [themselves +] Σ over rows, in order.
  package func sumRows(
    _ rows: Int, columns: Int, step: Int, values: FloatPointer, sums: MutableFloatPointer,
    accumulates: Bool
  ) {
    var column = 0
    while column < columns {
      var sum = accumulates ? SIMD8.load(sums + column) : SIMD8<Float>()
      var value = values + column
      for _ in 0..<rows {
        sum += SIMD8.load(value)
        value += step
      }
      sum.store(sums + column)
      column &+= 8
    }
  }

  /// The sum of `slots` arrays as a fixed binary tree, split at the largest power of two below the
  /// number of slots, so that aligned halves can be summed elsewhere.
  package func sumSlots(
    _ slots: Int, step: Int, count: Int, values: FloatPointer, sums: MutableFloatPointer
  ) {
    var index = 0
    while index < count {
      tree(0, slots, step, values + index).store(sums + index)
      index &+= 8
    }
  }

  /// The same tree; sums are stored one row per tap.
  package func sumFilterSlots(
    _ slots: Int, step: Int, layout: FilterMajorLayout, filters: Int, taps: Range<Int>,
    values: FloatPointer, sums: MutableFloatPointer
  ) {
    for filter in 0..<filters {
      let weights = values + filter &* layout.filterStep
      var tap = taps.lowerBound
      while tap < taps.upperBound {
        let row = tap / layout.rowRun
        let inRow = tap &- row &* layout.rowRun
        let sum = tree(0, slots, step, weights + (row &* layout.rowStep &+ inRow))
        let count = min(8, layout.rowRun &- inRow, taps.upperBound &- tap)
        let target = sums + ((tap &- taps.lowerBound) &* filters &+ filter)
        for lane in 0..<count { target[lane &* filters] = sum[lane] }
        tap &+= count
      }
    }
  }
}

/// Sum of slots first..<first + slots. A batch has at most 2⁵ slots.
private func tree(_ first: Int, _ slots: Int, _ step: Int, _ values: FloatPointer) -> SIMD8<Float> {
  switch slots {
  case 1: return SIMD8.load(values + first &* step)
  case 2: return SIMD8.load(values + first &* step) + SIMD8.load(values + (first &+ 1) &* step)
  default:
    let left = 1 &<< (Int.bitWidth &- (slots &- 1).leadingZeroBitCount &- 1)
    return tree(first, left, step, values) + tree(first &+ left, slots &- left, step, values)
  }
}
