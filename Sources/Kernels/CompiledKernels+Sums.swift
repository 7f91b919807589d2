import KernelInterface

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

  /// The sum of `slots` arrays as a fixed binary tree: halves first, split at the largest power of two
  /// below the number of slots, so that aligned halves can later be summed elsewhere.
  package func sumSlots(
    _ slots: Int, step: Int, count: Int, values: FloatPointer, sums: MutableFloatPointer
  ) {
    var index = 0
    while index < count {
      tree(0, slots, step, values + index).store(sums + index)
      index &+= 8
    }
  }
}

/// Sum of slots first..<first + slots. Trees as deep as 2⁵ slots are what a batch is cut into.
private func tree(_ first: Int, _ slots: Int, _ step: Int, _ values: FloatPointer) -> SIMD8<Float> {
  switch slots {
  case 1: return SIMD8.load(values + first &* step)
  case 2: return SIMD8.load(values + first &* step) + SIMD8.load(values + (first &+ 1) &* step)
  default:
    let left = 1 &<< (Int.bitWidth &- (slots &- 1).leadingZeroBitCount &- 1)
    return tree(first, left, step, values) + tree(first &+ left, slots &- left, step, values)
  }
}
