import ConvoyKernelInterface
import ConvoyVectors

extension CompiledKernels {
  /// The most common pooling, 2×2 with stride 2: the four sums are compared while still in
  /// registers.
  func convolveWindows(
    _ geometry: ConvolutionGeometry, _ pooling: PoolingGeometry, input: FloatPointer,
    weights: FloatPointer, bias: FloatPointer, output: MutableFloatPointer,
    winners: MutableFloatPointer
  ) {
    let layout = geometry.weights
    for panel in 0..<layout.panels {
      let channel = panel &* PanelLayout.panelWidth
      let windows = ConvolvedWindows(
        geometry: geometry, pooling: pooling, input: input,
        weights: weights + layout.offset(ofPanel: panel), bias: bias + channel,
        output: output + channel, winners: winners + channel)
      if layout.width(ofPanel: panel) == PanelLayout.panelWidth {
        #if AVX2
          windows.forEachTileAndRest(size: 3) { tile, count in
            switch count {
            case 1: WindowStrip<SIMD16<Float>>(windows: tile).run(Count<1>())
            case 2: WindowRowStrip(windows: tile).run(Count<2>())
            default: WindowRowStrip(windows: tile).run(Count<3>())
            }
          }
        #else
          windows.forEachTile(limit: WindowLimit.wide) { tile, count in
            withWindows(count, WindowStrip<SIMD16<Float>>(windows: tile))
          }
        #endif
      } else {
        #if AVX512
          if geometry.inputColumnStep == 1 {
            windows.forEachTile(limit: WindowLimit.narrow) { tile, count in
              withWindows(count, PairedWindowStrip(windows: tile))
            }
            continue
          }
        #endif
        windows.forEachTile(limit: WindowLimit.narrow) { tile, count in
          withWindows(count, WindowStrip<SIMD8<Float>>(windows: tile))
        }
      }
    }
  }
}

/// The windows of 2×2 max pooling over a convolution, for one panel of output channels.
private struct ConvolvedWindows {
  let geometry: ConvolutionGeometry
  let pooling: PoolingGeometry
  var input: FloatPointer
  let weights: FloatPointer
  let bias: FloatPointer
  var output: MutableFloatPointer
  var winners: MutableFloatPointer

  /// Calls a body for each tile of up to `limit` windows, all of about the same size, with pointers to its
  /// first window and with its windows in a row.
  @inline(__always)
  func forEachTile(limit: Int, _ body: (_ tile: ConvolvedWindows, _ count: Int) -> Void) {
    let cut = EvenCut(pooling.outputColumns, limit: limit)
    var tile = self
    for piece in 0..<cut.pieces {
      let count = cut.size(piece)
      body(tile, count)
      tile.advance(by: count)
    }
  }

  /// The same with as many tiles of `size` windows as there are, and then one of the rest: for tiles that are
  /// much faster if they are whole.
  @inline(__always)
  func forEachTileAndRest(size: Int, _ body: (_ tile: ConvolvedWindows, _ count: Int) -> Void) {
    var tile = self
    var rest = pooling.outputColumns
    while rest > 0 {
      let count = min(size, rest)
      body(tile, count)
      tile.advance(by: count)
      rest &-= count
    }
  }

  @inline(__always)
  private mutating func advance(by count: Int) {
    input += 2 &* count &* geometry.inputColumnStep
    output += count &* pooling.channels
    winners += count &* pooling.channels
  }

  /// Stores the largest of a window's four sums, and where it is.
  @inline(__always)
  func store<Vector: LaneVector>(
    row: Int, column: Int, _ upperLeft: Vector, _ upperRight: Vector, _ lowerLeft: Vector,
    _ lowerRight: Vector
  ) {
    var largest = upperLeft
    var winner = Vector()
    largest.takeLarger(upperRight, at: pooling.winner(row: 0, column: 1), winner: &winner)
    largest.takeLarger(lowerLeft, at: pooling.winner(row: 1, column: 0), winner: &winner)
    largest.takeLarger(lowerRight, at: pooling.winner(row: 1, column: 1), winner: &winner)
    largest.store(output + (row &* pooling.outputRowStep &+ column &* pooling.channels))
    winner.store(winners + (row &* pooling.outputColumns &+ column) &* pooling.channels)
  }
}

/// A tile of adjacent windows of 2×2.
private protocol WindowTile: TileBody {
  var windows: ConvolvedWindows { get }

  func run<let count: Int>(_: Count<count>, columnStep: Int)
}

extension WindowTile {
  /// One function per count, because the compiler gives up inlining into one that holds all.
  @inline(never)
  func run<let count: Int>(_ width: Count<count>) {
    // First layer with one channel: the columns' inputs are adjacent, at constant offsets.
    let columnStep = windows.geometry.inputColumnStep
    if columnStep == 1 {
      run(width, columnStep: 1)
    } else {
      run(width, columnStep: columnStep)
    }
  }
}

/// One vector of output channels for `count` adjacent windows of 2×2, row after row.
private struct WindowStrip<Vector: LaneVector>: WindowTile {
  let windows: ConvolvedWindows

  @inline(__always)
  func run<let count: Int>(_: Count<count>, columnStep: Int) {
    let geometry = windows.geometry
    let start = Vector.load(windows.bias)
    for row in 0..<windows.pooling.outputRows {
      var upperLeft = InlineArray<count, Vector>(repeating: start)
      var upperRight = upperLeft
      var lowerLeft = upperLeft
      var lowerRight = upperLeft
      var weight = windows.weights
      let rowInput = windows.input + 2 &* row &* geometry.inputRowStep
      for kernelRow in 0..<geometry.kernelRows {
        var upper = rowInput + kernelRow &* geometry.kernelRowStep
        var lower = upper + geometry.inputRowStep
        for _ in 0..<geometry.rowRun {
          let lanes = Vector.load(weight)
          for column in 0..<count {
            let left = 2 &* column &* columnStep
            let right = left &+ columnStep
            upperLeft[column] = upperLeft[column].adding(lanes, times: upper[left])
            upperRight[column] = upperRight[column].adding(lanes, times: upper[right])
            lowerLeft[column] = lowerLeft[column].adding(lanes, times: lower[left])
            lowerRight[column] = lowerRight[column].adding(lanes, times: lower[right])
          }
          weight += Vector.scalarCount
          upper += 1
          lower += 1
        }
      }
      for column in 0..<count {
        windows.store(
          row: row, column: column, upperLeft[column], upperRight[column], lowerLeft[column],
          lowerRight[column])
      }
    }
  }
}

#if AVX2
  /// Sixteen output channels for two or three adjacent windows of 2×2, whose sums and operands 16 registers
  /// do not hold. So the larger sum of each upper row is stored first, with where it is, and the sums of the
  /// lower row are compared with it: in the order of `store`, so that ties and NaN end alike.
  private struct WindowRowStrip: WindowTile {
    let windows: ConvolvedWindows

    @inline(__always)
    func run<let count: Int>(_: Count<count>, columnStep: Int) {
      let (geometry, pooling) = (windows.geometry, windows.pooling)
      for row in 0..<2 &* pooling.outputRows {
        let start = SIMD16.load(windows.bias)
        var left = InlineArray<count, SIMD16<Float>>(repeating: start)
        var right = left
        var weight = windows.weights
        let rowInput = windows.input + row &* geometry.inputRowStep
        for kernelRow in 0..<geometry.kernelRows {
          var pixel = rowInput + kernelRow &* geometry.kernelRowStep
          for _ in 0..<geometry.rowRun {
            let lanes = SIMD16.load(weight)
            for column in 0..<count {
              let offset = 2 &* column &* columnStep
              left[column] = left[column].adding(lanes, times: pixel[offset])
              right[column] = right[column].adding(lanes, times: pixel[offset &+ columnStep])
            }
            weight += SIMD16<Float>.scalarCount
            pixel += 1
          }
        }
        let output = windows.output + (row &>> 1) &* pooling.outputRowStep
        let winners = windows.winners + (row &>> 1) &* pooling.outputColumns &* pooling.channels
        for column in 0..<count {
          let offset = column &* pooling.channels
          var largest = left[column]
          // Place 0 of the window: upper left.
          var winner = SIMD16<Float>()
          if row & 1 == 1 {
            largest = SIMD16.load(output + offset)
            winner = SIMD16.load(winners + offset)
            largest.takeLarger(left[column], at: pooling.winner(row: 1, column: 0), winner: &winner)
          }
          largest.takeLarger(
            right[column], at: pooling.winner(row: row & 1, column: 1), winner: &winner)
          largest.store(output + offset)
          winner.store(winners + offset)
        }
      }
    }
  }
#endif

#if AVX512
  /// Eight output channels of a convolution of one input channel: the two columns of a window are a pair
  /// in a vector of 16 lanes.
  private struct PairedWindowStrip: TileBody {
    let windows: ConvolvedWindows

    /// One function per count, because the compiler gives up inlining into one that holds all.
    @inline(never)
    func run<let count: Int>(_: Count<count>) {
      let geometry = windows.geometry
      let start = SIMD16.doubled(SIMD8.load(windows.bias))
      for row in 0..<windows.pooling.outputRows {
        var uppers = InlineArray<count, SIMD16<Float>>(repeating: start)
        var lowers = uppers
        var weight = windows.weights
        let rowInput = windows.input + 2 &* row &* geometry.inputRowStep
        for kernelRow in 0..<geometry.kernelRows {
          let upper = rowInput + kernelRow &* geometry.kernelRowStep
          let lower = upper + geometry.inputRowStep
          for tap in 0..<geometry.rowRun {
            let lanes = SIMD16.doubled(SIMD8.load(weight))
            for column in 0..<count {
              let left = tap &+ 2 &* column
              uppers[column] = uppers[column].adding(lanes, times: SIMD16.pair(at: upper + left))
              lowers[column] = lowers[column].adding(lanes, times: SIMD16.pair(at: lower + left))
            }
            weight += SIMD8<Float>.scalarCount
          }
        }
        for column in 0..<count {
          let (upper, lower) = (uppers[column], lowers[column])
          windows.store(
            row: row, column: column, convoy_even_lanes(upper), convoy_odd_lanes(upper),
            convoy_even_lanes(lower), convoy_odd_lanes(lower))
        }
      }
    }
  }
#endif
