import KernelInterface

extension CompiledKernels {
  /// Output = byte · scale + offset; the compiler makes vectors of the loop.
  package func normalize(
    rows: Int, count: Int, bytes: UnsafePointer<UInt8>, scales: FloatPointer,
    offsets: FloatPointer, output: MutableFloatPointer, outputStep: Int
  ) {
    for row in 0..<rows {
      let source = bytes + row &* count
      let target = output + row &* outputStep
      for index in 0..<count {
        target[index] = offsets[index].adding(Float(source[index]), times: scales[index])
      }
    }
  }

  package func byteSums(count: Int, step: Int, bytes: UnsafePointer<UInt8>) -> ByteSums {
    if step == 1 {
      // Integers may be summed in any order, so the compiler makes vectors of this loop.
      return Self.byteSums(count, step: 1, bytes)
    }
    return Self.byteSums(count, step: step, bytes)
  }

  @inline(__always)
  private static func byteSums(
    _ count: Int, step: Int, _ bytes: UnsafePointer<UInt8>
  ) -> ByteSums {
    var sum: UInt64 = 0
    var squares: UInt64 = 0
    for index in 0..<count {
      let value = UInt64(bytes[index &* step])
      sum &+= value
      squares &+= value &* value
    }
    return ByteSums(sum: sum, squares: squares)
  }

  package func copyRows(
    _ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer
  ) {
    for row in 0..<geometry.rows {
      (target + row &* geometry.otherStep)
        .update(from: source + row &* geometry.step, count: geometry.count)
    }
  }

  /// Values ·= factors; `count` is a multiple of 8.
  package func multiply(count: Int, factors: FloatPointer, values: MutableFloatPointer) {
    var index = 0
    while index < count {
      (SIMD8.load(values + index) * SIMD8.load(factors + index)).store(values + index)
      index &+= 8
    }
  }

  /// destination[column][row] = source[row][column].
  package func transposeTile(
    rows: Int, columns: Int, source: FloatPointer, destination: MutableFloatPointer,
    destinationStep: Int
  ) {
    for column in 0..<columns {
      for row in 0..<rows {
        destination[column &* destinationStep &+ row] = source[row &* columns &+ column]
      }
    }
  }
}
