import ConvoyKernelInterface

extension CompiledKernels {
  /// Sums = [themselves +] Σ over pixels, in order. A channel is one chain of dependent additions, so up
  /// to 64 channels are summed side by side.
  package func sumPixels(
    _ geometry: PixelGeometry, values: FloatPointer, sums: MutableFloatPointer, accumulates: Bool
  ) {
    var channel = 0
    while channel &+ FourVectors.count <= geometry.channels {
      sum(FourVectors.self, geometry, values + channel, sums + channel, accumulates)
      channel &+= FourVectors.count
    }
    while channel &+ 16 <= geometry.channels {
      sum(SIMD16.self, geometry, values + channel, sums + channel, accumulates)
      channel &+= 16
    }
    if channel < geometry.channels {
      sum(SIMD8.self, geometry, values + channel, sums + channel, accumulates)
    }
  }

  /// The sum of `slots` arrays as a fixed binary tree, split at the largest power of two below the
  /// number of slots, so that aligned halves can be summed elsewhere.
  package func sumSlots(
    _ slots: Int, step: Int, count: Int, values: FloatPointer, sums: MutableFloatPointer
  ) {
    var index = 0
    while index &+ FourVectors.count <= count {
      tree(FourVectors.self, 0, slots, step, values + index).store(sums + index)
      index &+= FourVectors.count
    }
    while index < count {
      tree(SIMD8.self, 0, slots, step, values + index).store(sums + index)
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
        let sum = tree(SIMD8.self, 0, slots, step, weights + (row &* layout.rowStep &+ inRow))
        let count = min(8, layout.rowRun &- inRow, taps.upperBound &- tap)
        let target = sums + ((tap &- taps.lowerBound) &* filters &+ filter)
        for lane in 0..<count { target[lane &* filters] = sum[lane] }
        tap &+= count
      }
    }
  }
}

/// What is added up: a vector, or several side by side.
private protocol Addend {
  init()
  static func load(_ pointer: FloatPointer) -> Self
  static func + (a: Self, b: Self) -> Self
  func store(_ pointer: MutableFloatPointer)
}

extension SIMD8<Float>: Addend {}
extension SIMD16<Float>: Addend {}

/// 64 floats side by side. (SIMD64 would be compiled to several times the code.)
private struct FourVectors: Addend {
  static var count: Int { 4 * SIMD16<Float>.scalarCount }

  var lines = (SIMD16<Float>(), SIMD16<Float>(), SIMD16<Float>(), SIMD16<Float>())

  @inline(__always)
  static func load(_ pointer: FloatPointer) -> FourVectors {
    FourVectors(
      lines: (
        SIMD16.load(pointer), SIMD16.load(pointer + 16), SIMD16.load(pointer + 32),
        SIMD16.load(pointer + 48)
      ))
  }

  @inline(__always)
  static func + (a: FourVectors, b: FourVectors) -> FourVectors {
    FourVectors(
      lines: (
        a.lines.0 + b.lines.0, a.lines.1 + b.lines.1, a.lines.2 + b.lines.2, a.lines.3 + b.lines.3
      ))
  }

  @inline(__always)
  func store(_ pointer: MutableFloatPointer) {
    lines.0.store(pointer)
    lines.1.store(pointer + 16)
    lines.2.store(pointer + 32)
    lines.3.store(pointer + 48)
  }
}

/// Sums = [themselves +] Σ over pixels, in order, of a vector's channels.
@inline(__always)
private func sum<Sum: Addend>(
  _: Sum.Type, _ geometry: PixelGeometry, _ values: FloatPointer, _ sums: MutableFloatPointer,
  _ accumulates: Bool
) {
  var sum = accumulates ? Sum.load(FloatPointer(sums)) : Sum()
  var row = values
  for _ in 0..<geometry.rows {
    var pixel = row
    for _ in 0..<geometry.columns {
      sum = sum + Sum.load(pixel)
      pixel += geometry.columnStep
    }
    row += geometry.rowStep
  }
  sum.store(sums)
}

/// Sum of slots first..<first + slots. A batch has at most 2⁵ slots.
private func tree<Sum: Addend>(
  _: Sum.Type, _ first: Int, _ slots: Int, _ step: Int, _ values: FloatPointer
) -> Sum {
  switch slots {
  case 1: return Sum.load(values + first &* step)
  case 2: return Sum.load(values + first &* step) + Sum.load(values + (first &+ 1) &* step)
  default:
    let left = 1 &<< (Int.bitWidth &- (slots &- 1).leadingZeroBitCount &- 1)
    return tree(Sum.self, first, left, step, values)
      + tree(Sum.self, first &+ left, slots &- left, step, values)
  }
}
