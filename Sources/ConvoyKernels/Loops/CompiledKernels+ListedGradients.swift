import ConvoyKernelInterface

extension CompiledKernels {
  /// A tile holds the gradient of some of a filter's weights in registers while it walks along the
  /// filter's list; lanes run across kernel columns and input channels.
  package func listedWeightGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, input: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    if isWide(geometry.filters.rowStep) {
      listedWeights(
        SIMD16<Float>.self, geometry, lists, input, weightGradient, accumulates: accumulates)
    } else {
      listedWeights(
        SIMD8<Float>.self, geometry, lists, input, weightGradient, accumulates: accumulates)
    }
  }

  /// A tile keeps some of a filter's weights in registers, and adds multiples of them to the inputs
  /// that each listed output of the filter reads.
  package func listedInputGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, weights: FloatPointer,
    inputGradient: MutableFloatPointer, count: Int
  ) {
    inputGradient.update(repeating: 0, count: count)
    let layout = geometry.filters
    for filter in 0..<layout.filters {
      let list = lists.list(filter)
      // Tiles are the same in every instruction set, sized for AVX2's registers, because their
      // order determines the order of summation.
      forEachTile(geometry, layout, lanes: 8, rowsLimit: 12, limit: 12) {
        rows, vectors, inInput, inFilter in
        let weights = weights + (filter &* layout.filterStep &+ inFilter)
        let result = inputGradient + inInput
        if isWide(vectors &* 8) {
          let tile = ListedInputGradientTile<SIMD16<Float>>(
            list: list, rowStep: geometry.kernelRowStep, weightRowStep: layout.rowStep,
            weights: weights, result: result)
          run(tile, rows: rows, vectors: vectors / 2)
        } else {
          let tile = ListedInputGradientTile<SIMD8<Float>>(
            list: list, rowStep: geometry.kernelRowStep, weightRowStep: layout.rowStep,
            weights: weights, result: result)
          run(tile, rows: rows, vectors: vectors)
        }
      }
    }
  }
}

/// Whether a row of `count` floats is whole vectors of 16, and registers hold 16 lanes.
@inline(__always)
private func isWide(_ count: Int) -> Bool {
  #if AVX512
    count % 16 == 0
  #else
    false
  #endif
}

@inline(__always)
private func listedWeights<Vector: LaneVector>(
  _: Vector.Type, _ geometry: ConvolutionGeometry, _ lists: GradientLists, _ input: FloatPointer,
  _ weightGradient: MutableFloatPointer, accumulates: Bool
) {
  let layout = geometry.filters
  for filter in 0..<layout.filters {
    let list = lists.list(filter)
    forEachTile(
      geometry, layout, lanes: Vector.scalarCount, rowsLimit: TileLimit.filterRows,
      limit: TileLimit.narrow
    ) { rows, vectors, inInput, inFilter in
      let tile = ListedWeightGradientTile<Vector>(
        list: list, rowStep: geometry.kernelRowStep, weightRowStep: layout.rowStep,
        input: input + inInput,
        result: weightGradient + (filter &* layout.filterStep &+ inFilter),
        accumulates: accumulates)
      run(tile, rows: rows, vectors: vectors)
    }
  }
}

/// Divides a filter into tiles: of all kernel rows if they are few and short, otherwise of pieces
/// of one row.
@inline(__always)
private func forEachTile(
  _ geometry: ConvolutionGeometry, _ layout: FilterMajorLayout, lanes: Int, rowsLimit: Int,
  limit: Int, _ body: (_ rows: Int, _ vectors: Int, _ inInput: Int, _ inFilter: Int) -> Void
) {
  let vectors = layout.rowStep / lanes
  let rows = layout.kernelRows
  if (rows == 3 || rows == 5) && rows &* vectors <= rowsLimit {
    body(rows, vectors, 0, 0)
    return
  }
  let cut = EvenCut(vectors, limit: limit)
  for row in 0..<rows {
    var start = 0
    for piece in 0..<cut.pieces {
      let count = cut.size(piece)
      body(1, count, row &* geometry.kernelRowStep &+ start, row &* layout.rowStep &+ start)
      start &+= count &* lanes
    }
  }
}

/// Some vectors of some kernel rows of one filter.
private protocol ListedTile {
  func run<let rows: Int, let vectors: Int>(_: Count<rows>, _: Count<vectors>)
}

@inline(__always)
private func run(_ tile: some ListedTile, rows: Int, vectors: Int) {
  switch rows {
  case 1: oneRow(tile, vectors)
  case 3: threeRows(tile, vectors)
  default: fiveRows(tile, vectors)
  }
}

// One function per shape, because the compiler gives up inlining into one that holds all tiles.

@inline(never)
private func oneRow(_ tile: some ListedTile, _ vectors: Int) {
  withCount(vectors, OneRow(tile: tile))
}

@inline(never)
private func threeRows(_ tile: some ListedTile, _ vectors: Int) {
  withCount(vectors, ThreeRows(tile: tile))
}

@inline(never)
private func fiveRows(_ tile: some ListedTile, _ vectors: Int) {
  withCount(vectors, FiveRows(tile: tile))
}

private struct OneRow<Tile: ListedTile>: TileBody {
  let tile: Tile
  @inline(__always)
  func run<let count: Int>(_ vectors: Count<count>) { tile.run(Count<1>(), vectors) }
}

private struct ThreeRows<Tile: ListedTile>: TileBody {
  let tile: Tile
  @inline(__always)
  func run<let count: Int>(_ vectors: Count<count>) {
    if 3 &* count <= TileLimit.filterRows { tile.run(Count<3>(), vectors) }
  }
}

private struct FiveRows<Tile: ListedTile>: TileBody {
  let tile: Tile
  @inline(__always)
  func run<let count: Int>(_ vectors: Count<count>) {
    if 5 &* count <= TileLimit.filterRows { tile.run(Count<5>(), vectors) }
  }
}

private struct ListedWeightGradientTile<Vector: LaneVector>: ListedTile {
  let list: FloatPointer
  let rowStep: Int
  let weightRowStep: Int
  let input: FloatPointer
  let result: MutableFloatPointer
  let accumulates: Bool

  @inline(__always)
  func run<let rows: Int, let vectors: Int>(_: Count<rows>, _: Count<vectors>) {
    var sums = InlineArray<rows, InlineArray<vectors, Vector>> { row in
      InlineArray { vector in
        accumulates
          ? Vector.load(result + (row &* weightRowStep &+ vector &* Vector.scalarCount)) : Vector()
      }
    }
    forEachGradient(in: list) { place, gradient in
      let value = input + place
      for row in 0..<rows {
        for vector in 0..<vectors {
          let inputs = Vector.load(value + (row &* rowStep &+ vector &* Vector.scalarCount))
          sums[row][vector] = sums[row][vector].adding(inputs, times: gradient)
        }
      }
    }
    for row in 0..<rows {
      for vector in 0..<vectors {
        sums[row][vector].store(result + (row &* weightRowStep &+ vector &* Vector.scalarCount))
      }
    }
  }
}

private struct ListedInputGradientTile<Vector: LaneVector>: ListedTile {
  let list: FloatPointer
  let rowStep: Int
  let weightRowStep: Int
  let weights: FloatPointer
  let result: MutableFloatPointer

  @inline(__always)
  func run<let rows: Int, let vectors: Int>(_: Count<rows>, _: Count<vectors>) {
    let filter = InlineArray<rows, InlineArray<vectors, Vector>> { row in
      InlineArray { vector in
        Vector.load(weights + (row &* weightRowStep &+ vector &* Vector.scalarCount))
      }
    }
    forEachGradient(in: list) { place, gradient in
      let value = result + place
      for row in 0..<rows {
        for vector in 0..<vectors {
          let target = value + (row &* rowStep &+ vector &* Vector.scalarCount)
          Vector.load(target).adding(filter[row][vector], times: gradient).store(target)
        }
      }
    }
  }
}

@inline(__always)
private func forEachGradient(
  in list: FloatPointer, _ body: (_ place: Int, _ gradient: Float) -> Void
) {
  var entry = list + 2
  let end = entry + 2 &* Int(list.pointee.bitPattern)
  while entry < end {
    body(Int(entry.pointee.bitPattern), entry[1])
    entry += 2
  }
}
