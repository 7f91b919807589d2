import ConvoyKernelInterface

extension CompiledKernels {
  /// The maximum of each window and its position. Only a strictly larger value replaces it, so the
  /// first among equals wins.
  package func maxPool(
    _ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer,
    winners: MutableFloatPointer
  ) {
    for row in 0..<geometry.outputRows {
      maxPoolRow(
        geometry, input: input + geometry.windowStart(row: row, column: 0),
        output: output + row &* geometry.outputRowStep,
        winners: winners + row &* geometry.outputColumns &* geometry.channels)
    }
  }

  /// Gives each output's gradient to the winner of its window.
  package func maxPoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, winners: FloatPointer,
    inputGradient: MutableFloatPointer
  ) {
    if geometry.isTwoByTwo && !geometry.overlaps {
      spread(geometry, rows: 2, columns: 2, overlaps: false, inputGradient) { position, winner in
        share(of: winner, outputGradient, winners, position)
      }
    } else {
      if geometry.overlaps { clear(geometry, inputGradient) }
      spread(
        geometry, rows: geometry.kernelRows, columns: geometry.kernelColumns,
        overlaps: geometry.overlaps, inputGradient
      ) { position, winner in
        share(of: winner, outputGradient, winners, position)
      }
    }
  }
}

/// One row of outputs; `input` is the first row of its windows.
func maxPoolRow(
  _ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer,
  winners: MutableFloatPointer
) {
  // The most common window is compiled with a constant size.
  if geometry.isTwoByTwo {
    maxPoolRow(geometry, rows: 2, columns: 2, input, output, winners)
  } else {
    maxPoolRow(
      geometry, rows: geometry.kernelRows, columns: geometry.kernelColumns, input, output, winners)
  }
}

@inline(__always)
private func maxPoolRow(
  _ geometry: PoolingGeometry, rows kernelRows: Int, columns kernelColumns: Int,
  _ input: FloatPointer,
  _ output: MutableFloatPointer, _ winners: MutableFloatPointer
) {
  let channels = geometry.channels
  var channel = 0
  while channel < channels {
    var window = input + channel
    for column in 0..<geometry.outputColumns {
      var largest = SIMD8<Float>.load(window)
      var winner = SIMD8<Float>()
      for kernelRow in 0..<kernelRows {
        for kernelColumn in 0..<kernelColumns {
          largest.takeLarger(
            .load(window + geometry.inWindow(row: kernelRow, column: kernelColumn)),
            at: geometry.winner(row: kernelRow, column: kernelColumn), winner: &winner)
        }
      }
      let position = column &* channels &+ channel
      largest.store(output + position)
      winner.store(winners + position)
      window += geometry.columnStride &* channels
    }
    channel &+= 8
  }
}

/// The gradient where the winner is the one given, else zero.
@inline(__always)
private func share(
  of winner: Float, _ outputGradient: FloatPointer, _ winners: FloatPointer, _ position: Int
) -> SIMD8<Float> {
  SIMD8<Float>().replacing(
    with: SIMD8.load(outputGradient + position),
    where: SIMD8.load(winners + position) .== winner)
}
