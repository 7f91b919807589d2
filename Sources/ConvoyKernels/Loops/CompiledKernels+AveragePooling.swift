import ConvoyKernelInterface

extension CompiledKernels {
  /// The mean of each window, summed row by row.
  package func averagePool(
    _ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer
  ) {
    let channels = geometry.channels
    let factor = 1 / Float(geometry.kernelRows &* geometry.kernelColumns)
    for row in 0..<geometry.outputRows {
      let rowOutput = output + row &* geometry.outputRowStep
      for column in 0..<geometry.outputColumns {
        let window = input + geometry.windowStart(row: row, column: column)
        var channel = 0
        while channel < channels {
          var sum = SIMD8<Float>()
          for kernelRow in 0..<geometry.kernelRows {
            for kernelColumn in 0..<geometry.kernelColumns {
              let place = geometry.inWindow(row: kernelRow, column: kernelColumn)
              sum += SIMD8.load(window + (place &+ channel))
            }
          }
          (sum * factor).store(rowOutput + (column &* channels &+ channel))
          channel &+= 8
        }
      }
    }
  }

  /// Spreads each output's gradient evenly over its window.
  package func averagePoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, inputGradient: MutableFloatPointer
  ) {
    let factor = 1 / Float(geometry.kernelRows &* geometry.kernelColumns)
    if geometry.overlaps { clear(geometry, inputGradient) }
    spread(
      geometry, rows: geometry.kernelRows, columns: geometry.kernelColumns,
      overlaps: geometry.overlaps, inputGradient
    ) { position, _ in
      SIMD8.load(outputGradient + position) * factor
    }
  }
}
