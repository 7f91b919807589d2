import ConvoyKernelInterface

extension CompiledKernels {
  /// Weight gradient = [itself +] Σ input · output gradient. A tile keeps the gradients of a few
  /// taps of one panel in registers while it traverses all output positions in order.
  package func weightGradient(
    _ geometry: ConvolutionGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    let geometry = geometry.joiningRows
    let layout = geometry.weights
    for panel in 0..<layout.panels {
      let gradient = outputGradient + panel &* PanelLayout.panelWidth
      let result = weightGradient + layout.offset(ofPanel: panel)
      if layout.width(ofPanel: panel) == PanelLayout.panelWidth {
        panelGradient(
          SIMD16<Float>.self, limit: TileLimit.wide, geometry, input, gradient, result, accumulates)
      } else {
        panelGradient(
          SIMD8<Float>.self, limit: TileLimit.narrow, geometry, input, gradient, result, accumulates
        )
      }
    }
  }
}

@inline(__always)
private func panelGradient<Vector: LaneVector>(
  _: Vector.Type, limit: Int, _ geometry: ConvolutionGeometry, _ input: FloatPointer,
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
      let tile = WeightGradientTile<Vector>(
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
private func oneKernelRow<Vector: LaneVector>(_ tile: WeightGradientTile<Vector>, taps: Int) {
  withCount(taps, OneKernelRow(tile: tile))
}

private struct OneKernelRow<Vector: LaneVector>: TileBody {
  let tile: WeightGradientTile<Vector>
  @inline(__always)
  func run<let count: Int>(_ taps: Count<count>) { tile.run(Count<1>(), taps) }
}

private struct TwoKernelRows<Vector: LaneVector>: TileBody {
  let tile: WeightGradientTile<Vector>
  @inline(__always)
  func run<let count: Int>(_ taps: Count<count>) {
    if count <= 7 { tile.run(Count<2>(), taps) }
  }
}

private struct ThreeKernelRows<Vector: LaneVector>: TileBody {
  let tile: WeightGradientTile<Vector>
  @inline(__always)
  func run<let count: Int>(_ taps: Count<count>) {
    if count <= 4 { tile.run(Count<3>(), taps) }
  }
}

/// `rows` kernel rows of `count` taps each, for one vector of output channels.
private struct WeightGradientTile<Vector: LaneVector> {
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
            sums[row][tap] = sums[row][tap].adding(
              lanes, times: value[row &* geometry.kernelRowStep &+ tap])
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
