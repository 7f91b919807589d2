import ConvoyKernelInterface

extension CompiledKernels {
  /// Output = byte · scale + offset. Explicit vectors, because rows are often shorter than the
  /// compiler's unrolled loops. The last vector of a row overlaps the one before it.
  package func normalize(
    rows: Int, count: Int, bytes: UnsafePointer<UInt8>, scales: FloatPointer,
    offsets: FloatPointer, output: MutableFloatPointer, outputStep: Int
  ) {
    for row in 0..<rows {
      let source = bytes + row &* count
      let target = output + row &* outputStep
      guard count >= 8 else {
        for index in 0..<count {
          target[index] = offsets[index].adding(Float(source[index]), times: scales[index])
        }
        continue
      }
      var index = 0
      while index < count {
        index = min(index, count &- 8)
        SIMD8.load(offsets + index)
          .adding(floats(source + index), times: SIMD8.load(scales + index)).store(target + index)
        index &+= 8
      }
    }
  }

  package func byteSums(count: Int, step: Int, bytes: UnsafePointer<UInt8>) -> ByteSums {
    if step == 1 {
      // Integer sums are associative, so the compiler can vectorise this loop.
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

  package func addRows(
    _ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer
  ) {
    for row in 0..<geometry.rows {
      let (source, target) = (source + row &* geometry.step, target + row &* geometry.otherStep)
      var index = 0
      while index < geometry.count {
        (SIMD8.load(target + index) + SIMD8.load(source + index)).store(target + index)
        index &+= 8
      }
    }
  }

  /// Values ·= factors; `count` is a multiple of 8.
  ///
  /// Never inlined into the protocol's witness, where Swift calls C functions instead of inlining them.
  @inline(never)
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

/// Eight bytes as floats.
@inline(__always)
private func floats(_ bytes: UnsafePointer<UInt8>) -> SIMD8<Float> {
  var floats = SIMD8<Float>()
  for lane in 0..<8 { floats[lane] = Float(bytes[lane]) }
  return floats
}
