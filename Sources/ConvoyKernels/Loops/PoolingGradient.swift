import ConvoyKernelInterface

/// Distributes the gradient of every output over the inputs of its window.
/// `share(position, winner)` is an input's share of the output at `position`; `winner` is the value
/// stored if that input won. Overwrites if windows do not overlap, otherwise adds.
@inline(__always)
func spread(
  _ geometry: PoolingGeometry, rows kernelRows: Int, columns kernelColumns: Int, overlaps: Bool,
  _ inputGradient: MutableFloatPointer, share: (_ position: Int, _ winner: Float) -> SIMD8<Float>
) {
  let channels = geometry.channels
  for row in 0..<geometry.outputRows {
    var channel = 0
    while channel < channels {
      var window = inputGradient + geometry.windowStart(row: row, column: 0) + channel
      var position = row &* geometry.outputColumns &* channels &+ channel
      for _ in 0..<geometry.outputColumns {
        for kernelRow in 0..<kernelRows {
          for kernelColumn in 0..<kernelColumns {
            let target = window + geometry.inWindow(row: kernelRow, column: kernelColumn)
            let winner = geometry.winner(row: kernelRow, column: kernelColumn)
            let part = share(position, winner)
            (overlaps ? SIMD8<Float>.load(target) + part : part).store(target)
          }
        }
        window += geometry.columnStride &* channels
        position &+= channels
      }
      channel &+= 8
    }
  }
}

/// Zeroes the rectangle of inputs from the first window to the last; with overlapping windows, all
/// inputs that a window reaches, and the gaps of those that overlap in one direction only.
@inline(__always)
func clear(_ geometry: PoolingGeometry, _ inputGradient: MutableFloatPointer) {
  let rows = (geometry.outputRows &- 1) &* geometry.rowStride &+ geometry.kernelRows
  let columns = (geometry.outputColumns &- 1) &* geometry.columnStride &+ geometry.kernelColumns
  for row in 0..<rows {
    (inputGradient + row &* geometry.inputRowStep)
      .update(repeating: 0, count: columns &* geometry.channels)
  }
}
