import ConvoyKernelInterface

extension CompiledKernels {
  /// Weight gradient = [itself +] Σ input · output gradient. A tile keeps the gradients of a few
  /// taps of one panel, or of two, in registers while it traverses all output positions in order.
  package func weightGradient(
    _ geometry: ConvolutionGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    if geometry.multipliesBFloat16 {
      bfloat16Gradient(geometry, input, outputGradient, weightGradient, accumulates)
      return
    }
    let geometry = geometry.joiningRows
    let layout = geometry.weights
    let wholePanels = layout.columns / PanelLayout.panelWidth
    // One panel's tile holds several kernel rows whose runs are shorter.
    let makesPairs = TileLimit.pairs > 0 && geometry.rowRun > TileLimit.wide / 2
    var panel = 0
    while panel < layout.panels {
      let gradient = outputGradient + panel &* PanelLayout.panelWidth
      let result = weightGradient + layout.offset(ofPanel: panel)
      if makesPairs, panel &+ 2 <= wholePanels {
        pairGradient(geometry, input, gradient, result, accumulates)
        panel &+= 2
        continue
      }
      panel &+= 1
      if panel <= wholePanels {
        panelGradient(
          SIMD16<Float>.self, limit: TileLimit.wide, geometry, input, gradient, result, accumulates)
      } else {
        #if AVX512
          if geometry.rowRun >= 2 {
            halfPanelGradient(geometry, input, gradient, result, accumulates)
            continue
          }
        #endif
        panelGradient(
          SIMD8<Float>.self, limit: TileLimit.narrow, geometry, input, gradient, result, accumulates
        )
      }
    }
  }
}

extension CompiledKernels {
  /// Of a dense layer, whose kernel has one row.
  private func bfloat16Gradient(
    _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ outputGradient: FloatPointer,
    _ weightGradient: MutableFloatPointer, _ accumulates: Bool
  ) {
    let layout = geometry.weights
    var panel = 0
    while panel < layout.panels {
      let gradient = outputGradient + panel &* PanelLayout.panelWidth
      let result = weightGradient + layout.offset(ofPanel: panel)
      let isWhole = layout.width(ofPanel: panel) == PanelLayout.panelWidth
      panel &+= 1
      #if AVX512
        if hasBFloat16Dot {
          if (panel &+ 1) &* PanelLayout.panelWidth <= layout.columns {
            bfloat16PairGradient(geometry, input, gradient, result, accumulates)
            panel &+= 1
          } else if isWhole {
            rowGradient(
              BFloat16Dot<SIMD16<Float>>.self, geometry, input, gradient, result, accumulates)
          } else {
            rowGradient(
              BFloat16Dot<SIMD8<Float>>.self, geometry, input, gradient, result, accumulates)
          }
          continue
        }
      #endif
      if isWhole {
        rowGradient(
          EmulatedBFloat16Dot<SIMD16<Float>>.self, geometry, input, gradient, result, accumulates)
      } else {
        rowGradient(
          EmulatedBFloat16Dot<SIMD8<Float>>.self, geometry, input, gradient, result, accumulates)
      }
    }
  }
}

/// The gradient of one kernel row.
@inline(__always)
private func rowGradient<Product: MultiplyAdd>(
  _: Product.Type, _ geometry: ConvolutionGeometry, _ input: FloatPointer,
  _ outputGradient: FloatPointer, _ result: MutableFloatPointer, _ accumulates: Bool
) {
  let cut = EvenCut(geometry.rowRun, limit: Product.limit)
  var tap = 0
  for piece in 0..<cut.pieces {
    let taps = cut.size(piece)
    oneKernelRow(
      WeightGradientTile<Product>(
        geometry: geometry, input: input + tap, outputGradient: outputGradient,
        result: result + tap &* Product.Vector.scalarCount, accumulates: accumulates), taps: taps)
    tap &+= taps
  }
}

@inline(__always)
private func panelGradient<Vector: LaneVector>(
  _: Vector.Type, limit: Int, _ geometry: ConvolutionGeometry, _ input: FloatPointer,
  _ outputGradient: FloatPointer, _ result: MutableFloatPointer, _ accumulates: Bool
) {
  // Not worth a copy: other steps spread over the whole cache, and few taps are few tiles.
  if geometry.outputColumnStep & (PositionBlock<Vector>.crowdedStep &- 1) != 0
    || geometry.weights.rows < 4 &* limit
  {
    tileGradients(Vector.self, limit, geometry, input, outputGradient, result, accumulates)
    return
  }
  var copy = PositionBlock<Vector>()
  let columns = EvenCut(geometry.outputColumns, limit: copy.places.count)
  let rows = EvenCut(
    geometry.outputRows, limit: columns.pieces > 1 ? 1 : copy.places.count / columns.size(0))
  var block = geometry
  var accumulates = accumulates
  var row = 0
  for rowPiece in 0..<rows.pieces {
    block.outputRows = rows.size(rowPiece)
    var column = 0
    for columnPiece in 0..<columns.pieces {
      block.outputColumns = columns.size(columnPiece)
      block.outputRowStep = block.outputColumns &* Vector.scalarCount
      block.outputColumnStep = Vector.scalarCount
      let source =
        outputGradient
        + (row &* geometry.outputRowStep &+ column &* geometry.outputColumnStep)
      copy.fill(from: source, geometry, rows: block.outputRows, columns: block.outputColumns)
      let places = input + (row &* geometry.inputRowStep &+ column &* geometry.inputColumnStep)
      withUnsafePointer(to: &copy) {
        tileGradients(
          Vector.self, limit, block, places,
          UnsafeRawPointer($0).assumingMemoryBound(to: Float.self), result, accumulates)
      }
      accumulates = true
      column &+= block.outputColumns
    }
    row &+= block.outputRows
  }
}

/// The output gradients of one panel at some positions, side by side. In the map they are a position's
/// channels apart. With 256 channels that is 1 KiB: 64 positions share four sets of the first cache,
/// which hold half of them, and each tile would read them from the second cache again. The inputs
/// often have the same step; so a block is 32 positions. Pairs of panels read each line for twice the
/// products, and are faster without a copy.
private struct PositionBlock<Vector: LaneVector> {
  /// At multiples of this step, in floats, positions share eight sets or fewer.
  static var crowdedStep: Int { 128 }

  var places = InlineArray<32, Vector> { _ in Vector() }

  @inline(__always)
  mutating func fill(
    from source: FloatPointer, _ geometry: ConvolutionGeometry, rows: Int, columns: Int
  ) {
    var place = 0
    for row in 0..<rows {
      var gradient = source + row &* geometry.outputRowStep
      for _ in 0..<columns {
        places[place] = Vector.load(gradient)
        gradient += geometry.outputColumnStep
        place &+= 1
      }
    }
  }
}

@inline(never)
private func tileGradients<Vector: LaneVector>(
  _: Vector.Type, _ limit: Int, _ geometry: ConvolutionGeometry, _ input: FloatPointer,
  _ outputGradient: FloatPointer, _ result: MutableFloatPointer, _ accumulates: Bool
) {
  let cut = EvenCut(geometry.rowRun, limit: limit)
  // A first layer has short runs: several kernel rows then share a tile.
  let rowsATile = cut.pieces == 1 ? min(3, max(1, limit / geometry.rowRun)) : 1
  var kernelRow = 0
  var run = 0
  while kernelRow < geometry.kernelRows {
    // Runs that lie apart are tiles of their own.
    let rows = geometry.runs == 1 ? min(rowsATile, geometry.kernelRows &- kernelRow) : 1
    var tileInput = input + (kernelRow &* geometry.kernelRowStep &+ run &* geometry.runStep)
    var tileResult =
      result + (kernelRow &* geometry.runs &+ run) &* geometry.rowRun &* Vector.scalarCount
    for piece in 0..<cut.pieces {
      let taps = cut.size(piece)
      let tile = WeightGradientTile<Float32<Vector>>(
        geometry: geometry, input: tileInput, outputGradient: outputGradient, result: tileResult,
        accumulates: accumulates)
      switch rows {
      case 1: oneKernelRow(tile, taps: taps)
      case 2: withCount(taps, TwoKernelRows(tile: tile))
      default: withCount(taps, ThreeKernelRows(tile: tile))
      }
      tileInput += taps
      tileResult += taps &* Vector.scalarCount
    }
    run &+= 1
    if run == geometry.runs {
      run = 0
      kernelRow &+= rows
    }
  }
}

/// A separate function, because the compiler gives up inlining into one that holds all tiles.
@inline(never)
private func oneKernelRow<Product: MultiplyAdd>(_ tile: WeightGradientTile<Product>, taps: Int) {
  withCount(taps, OneKernelRow(tile: tile))
}

private struct OneKernelRow<Product: MultiplyAdd>: TileBody {
  let tile: WeightGradientTile<Product>

  @inline(__always)
  static var limit: Int { Product.limit }

  @inline(__always)
  func run<let count: Int>(_ taps: Count<count>) { tile.run(Count<1>(), taps) }
}

private struct TwoKernelRows<Vector: LaneVector>: TileBody {
  let tile: WeightGradientTile<Float32<Vector>>
  @inline(__always)
  func run<let count: Int>(_ taps: Count<count>) {
    if count <= 7 { tile.run(Count<2>(), taps) }
  }
}

private struct ThreeKernelRows<Vector: LaneVector>: TileBody {
  let tile: WeightGradientTile<Float32<Vector>>
  @inline(__always)
  func run<let count: Int>(_ taps: Count<count>) {
    if count <= 4 { tile.run(Count<3>(), taps) }
  }
}

/// `rows` kernel rows of `count` taps each, for one vector of output channels.
private struct WeightGradientTile<Product: MultiplyAdd> {
  typealias Vector = Product.Vector

  let geometry: ConvolutionGeometry
  let input: FloatPointer
  let outputGradient: FloatPointer
  let result: MutableFloatPointer
  let accumulates: Bool

  @inline(__always)
  func run<let rows: Int, let count: Int>(_: Count<rows>, _: Count<count>) {
    // InlineArray(repeating:) of a large element is not inlined, and would be shared between
    // instruction sets.
    var sums = InlineArray<rows, InlineArray<count, Vector>> { _ in InlineArray(repeating: Vector())
    }
    let resultRowStep = geometry.rowRun &* Vector.scalarCount
    if accumulates {
      for row in 0..<rows {
        for tap in 0..<count {
          let place = row &* resultRowStep &+ tap &* Vector.scalarCount
          sums[row][tap] = Vector.load(result + place)
        }
      }
    }
    for outputRow in 0..<geometry.outputRows {
      var value = input + outputRow &* geometry.inputRowStep
      var gradient = outputGradient + outputRow &* geometry.outputRowStep
      for _ in 0..<geometry.outputColumns {
        let lanes = Vector.load(gradient)
        for row in 0..<rows {
          for tap in 0..<count {
            sums[row][tap] = Product.add(
              lanes, times: value[row &* geometry.kernelRowStep &+ tap], to: sums[row][tap])
          }
        }
        value += geometry.inputColumnStep
        gradient += geometry.outputColumnStep
      }
    }
    for row in 0..<rows {
      for tap in 0..<count {
        let place = row &* resultRowStep &+ tap &* Vector.scalarCount
        sums[row][tap].store(result + place)
      }
    }
  }
}
