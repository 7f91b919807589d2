#if AVX512
  import ConvoyKernelInterface
  import ConvoyVectors

  // A panel of eight output channels fills half of a vector. Two positions, or two taps, fill it
  // together: lanes alternate between them, and every product reads two neighbouring numbers. Each
  // lane is the same chain of operations as in a vector of eight, so the bits are the same.

  extension SIMD16<Float> {
    @inline(__always)
    fileprivate static func pair(at place: FloatPointer) -> Self {
      convoy_repeating(UnsafeRawPointer(place).loadUnaligned(as: SIMD2<Float>.self))
    }

    /// The eight lanes at a place for both.
    @inline(__always)
    fileprivate static func doubled(_ lanes: SIMD8<Float>) -> Self {
      convoy_interleaving(lanes, lanes)
    }

    @inline(__always)
    fileprivate func store(_ one: MutableFloatPointer, _ other: MutableFloatPointer) {
      convoy_even_lanes(self).store(one)
      convoy_odd_lanes(self).store(other)
    }
  }

  /// Whether a convolution may have two positions in a vector: products outweigh the copy of the
  /// inputs.
  private func pairsPositions(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.outputColumns >= 8 && geometry.weights.rows >= 16 && pairLimit(geometry) >= 4
  }

  /// Pairs of positions whose inputs fit into `PairedInputs`.
  private func pairLimit(_ geometry: ConvolutionGeometry) -> Int {
    min(14, 1 &+ (PairedInputs.capacity &- geometry.rowRun) / geometry.inputColumnStep)
  }

  /// The inputs of two tiles along a kernel row, in turn.
  private struct PairedInputs {
    static var capacity: Int { 512 }
    var pairs = InlineArray<512, SIMD2<Float>> { _ in SIMD2() }

    @inline(__always)
    static func fill(
      _ pairs: MutableFloatPointer, from one: FloatPointer, and other: FloatPointer, count: Int
    ) {
      guard count >= 8 else {
        for place in 0..<count {
          pairs[2 &* place] = one[place]
          pairs[2 &* place &+ 1] = other[place]
        }
        return
      }
      // The last eight may overlap those before.
      var first = 0
      while true {
        let place = min(first, count &- 8)
        convoy_interleaving(SIMD8.load(one + place), SIMD8.load(other + place))
          .store(pairs + 2 &* place)
        first &+= 8
        if first >= count { return }
      }
    }
  }

  /// A convolution of a panel of eight channels, two positions of a row at a time; false if it does
  /// not pay.
  func convolveHalfPanel(
    _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
    _ bias: FloatPointer?, _ output: MutableFloatPointer
  ) -> Bool {
    guard pairsPositions(geometry) else { return false }
    // Where columns are odd, both halves make the middle one.
    let half = (geometry.outputColumns &+ 1) / 2
    let offset = geometry.outputColumns &- half
    let start = SIMD16.doubled(bias.map(SIMD8.load) ?? SIMD8())
    var (input, output) = (input, output)
    var inputs = PairedInputs()
    withUnsafeMutablePointer(to: &inputs) {
      let pairs = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self)
      let cut = EvenCut(half, limit: pairLimit(geometry))
      // A loop, so that the functions of all counts are dispatched to in one place.
      for kind in 0..<2 {
        let (tiles, columns) = cut.pieces(ofKind: kind)
        guard tiles > 0 else { continue }
        let strip = PositionPairStrip(
          geometry: geometry, tiles: tiles, offset: offset, input: input, pairs: pairs,
          weights: weights, start: start, output: output)
        withCount(columns, strip)
        input += tiles &* columns &* geometry.inputColumnStep
        output += tiles &* columns &* geometry.outputColumnStep
      }
    }
    return true
  }

  private struct PositionPairStrip: TileBody {
    let geometry: ConvolutionGeometry
    let tiles: Int
    /// From the first position of a pair to the other.
    let offset: Int
    let input: FloatPointer
    let pairs: MutableFloatPointer
    let weights: FloatPointer
    let start: SIMD16<Float>
    let output: MutableFloatPointer

    /// One function per count, because the compiler gives up inlining into one that holds all.
    @inline(never)
    func run<let count: Int>(_: Count<count>) {
      let columnStep = geometry.inputColumnStep
      let span = (count &- 1) &* columnStep &+ geometry.rowRun
      let (otherInput, otherOutput) = (offset &* columnStep, offset &* geometry.outputColumnStep)
      for row in 0..<geometry.outputRows {
        var tileInput = input + row &* geometry.inputRowStep
        var tileOutput = output + row &* geometry.outputRowStep
        for _ in 0..<tiles {
          var sums = InlineArray<count, SIMD16<Float>>(repeating: start)
          var weight = weights + row &* geometry.weightRowStep
          for kernelRow in 0..<geometry.kernelRows {
            var run = tileInput + kernelRow &* geometry.kernelRowStep
            for _ in 0..<geometry.runs {
              PairedInputs.fill(pairs, from: run, and: run + otherInput, count: span)
              var value = FloatPointer(pairs)
              for _ in 0..<geometry.rowRun {
                let lanes = SIMD16.doubled(SIMD8.load(weight))
                for column in 0..<count {
                  sums[column] = sums[column].adding(
                    lanes, times: SIMD16.pair(at: value + 2 &* column &* columnStep))
                }
                weight += SIMD8<Float>.scalarCount
                value += 2
              }
              run += geometry.runStep
            }
          }
          for column in 0..<count {
            let place = tileOutput + column &* geometry.outputColumnStep
            sums[column].store(place, place + otherOutput)
          }
          tileInput += count &* columnStep
          tileOutput += count &* geometry.outputColumnStep
        }
      }
    }
  }

  /// The weight gradient of a panel of eight channels, two taps at a time.
  func halfPanelGradient(
    _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ outputGradient: FloatPointer,
    _ result: MutableFloatPointer, _ accumulates: Bool
  ) {
    let cut = EvenCut(geometry.rowRun, limit: 28)
    let pairs = (cut.size(0) &+ 1) / 2
    // Short runs: several kernel rows share a tile. Runs that lie apart are tiles of their own.
    let rowsATile = cut.pieces == 1 && geometry.runs == 1 ? min(3, max(1, 14 / pairs)) : 1
    var kernelRow = 0
    while kernelRow < geometry.kernelRows {
      let rows = min(rowsATile, geometry.kernelRows &- kernelRow)
      for run in 0..<geometry.runs {
        var tap = 0
        for piece in 0..<cut.pieces {
          let taps = cut.size(piece)
          let tile = TapPairTile(
            geometry: geometry,
            input: input
              + (kernelRow &* geometry.kernelRowStep &+ run &* geometry.runStep &+ tap),
            outputGradient: outputGradient,
            result: result
              + ((kernelRow &* geometry.runs &+ run) &* geometry.rowRun &+ tap) &* 8,
            accumulates: accumulates, taps: taps)
          switch rows {
          case 1: oneRow(tile)
          case 2: twoRows(tile)
          default: threeRows(tile)
          }
          tap &+= taps
        }
      }
      kernelRow &+= rows
    }
  }

  // Separate functions, because the compiler gives up inlining into one that holds all tiles.

  @inline(never)
  private func oneRow(_ tile: TapPairTile) {
    withCount((tile.taps &+ 1) / 2, TapPairRows<1>(tile: tile))
  }

  @inline(never)
  private func twoRows(_ tile: TapPairTile) {
    withCount((tile.taps &+ 1) / 2, TapPairRows<2>(tile: tile))
  }

  @inline(never)
  private func threeRows(_ tile: TapPairTile) {
    withCount((tile.taps &+ 1) / 2, TapPairRows<3>(tile: tile))
  }

  private struct TapPairRows<let rows: Int>: TileBody {
    let tile: TapPairTile
    @inline(__always)
    func run<let count: Int>(_ pairs: Count<count>) {
      if rows &* count <= 14 { tile.run(Count<rows>(), pairs) }
    }
  }

  /// `count` pairs of taps in each of `rows` kernel rows.
  private struct TapPairTile {
    let geometry: ConvolutionGeometry
    let input: FloatPointer
    let outputGradient: FloatPointer
    let result: MutableFloatPointer
    let accumulates: Bool
    /// Of a row: at least 2. Where they are odd, the last pair shares a tap with the one before, and both
    /// get the same sum.
    let taps: Int

    @inline(__always)
    private func firstTap(of pair: Int) -> Int { min(2 &* pair, taps &- 2) }

    @inline(__always)
    private func place(_ row: Int, _ pair: Int) -> MutableFloatPointer {
      result + (row &* geometry.rowRun &+ firstTap(of: pair)) &* 8
    }

    @inline(__always)
    func run<let rows: Int, let count: Int>(_: Count<rows>, _: Count<count>) {
      var sums = InlineArray<rows, InlineArray<count, SIMD16<Float>>> { _ in
        InlineArray(repeating: SIMD16())
      }
      if accumulates {
        for row in 0..<rows {
          for pair in 0..<count {
            let place = place(row, pair)
            sums[row][pair] = convoy_interleaving(SIMD8.load(place), SIMD8.load(place + 8))
          }
        }
      }
      let last = taps &- 2
      for outputRow in 0..<geometry.outputRows {
        var value = input + outputRow &* geometry.inputRowStep
        var gradient = outputGradient + outputRow &* geometry.outputRowStep
        for _ in 0..<geometry.outputColumns {
          let lanes = SIMD16.doubled(SIMD8.load(gradient))
          for row in 0..<rows {
            let rowValue = value + row &* geometry.kernelRowStep
            for pair in 0..<count {
              let tap = pair < count &- 1 ? 2 &* pair : last
              sums[row][pair] = sums[row][pair].adding(
                lanes, times: SIMD16.pair(at: rowValue + tap))
            }
          }
          value += geometry.inputColumnStep
          gradient += geometry.outputColumnStep
        }
      }
      for row in 0..<rows {
        for pair in 0..<count {
          let place = place(row, pair)
          sums[row][pair].store(place, place + 8)
        }
      }
    }
  }

  /// Windows of 2×2 over a convolution of one input channel, for a panel of eight: the two columns of a
  /// window are a pair.
  func convolveHalfPanelWindows(
    _ geometry: ConvolutionGeometry, _ pooling: PoolingGeometry, _ input: FloatPointer,
    _ weights: FloatPointer, _ bias: FloatPointer, _ output: MutableFloatPointer,
    _ winners: MutableFloatPointer
  ) {
    let start = SIMD16.doubled(SIMD8.load(bias))
    let cut = EvenCut(pooling.outputColumns, limit: WindowLimit.narrow)
    var firstColumn = 0
    for piece in 0..<cut.pieces {
      let columns = cut.size(piece)
      let strip = PairedWindowStrip(
        geometry: geometry, pooling: pooling, input: input + 2 &* firstColumn, weights: weights,
        start: start, output: output + firstColumn &* pooling.channels,
        winners: winners + firstColumn &* pooling.channels)
      withWindows(columns, strip)
      firstColumn &+= columns
    }
  }

  private struct PairedWindowStrip: TileBody {
    let geometry: ConvolutionGeometry
    let pooling: PoolingGeometry
    let input: FloatPointer
    let weights: FloatPointer
    let start: SIMD16<Float>
    let output: MutableFloatPointer
    let winners: MutableFloatPointer

    /// One function per count, because the compiler gives up inlining into one that holds all.
    @inline(never)
    func run<let count: Int>(_: Count<count>) {
      for row in 0..<pooling.outputRows {
        var upperSums = InlineArray<count, SIMD16<Float>>(repeating: start)
        var lowerSums = upperSums
        var weight = weights
        let rowInput = input + 2 &* row &* geometry.inputRowStep
        for kernelRow in 0..<geometry.kernelRows {
          var upper = rowInput + kernelRow &* geometry.kernelRowStep
          var lower = upper + geometry.inputRowStep
          for _ in 0..<geometry.rowRun {
            let lanes = SIMD16.doubled(SIMD8.load(weight))
            for column in 0..<count {
              upperSums[column] = upperSums[column].adding(
                lanes, times: SIMD16.pair(at: upper + 2 &* column))
              lowerSums[column] = lowerSums[column].adding(
                lanes, times: SIMD16.pair(at: lower + 2 &* column))
            }
            weight += SIMD8<Float>.scalarCount
            upper += 1
            lower += 1
          }
        }
        let rowOutput = output + row &* pooling.outputRowStep
        let rowWinners = winners + row &* pooling.outputColumns &* pooling.channels
        for column in 0..<count {
          var largest = convoy_even_lanes(upperSums[column])
          var winner = SIMD8<Float>()
          largest.takeLarger(
            convoy_odd_lanes(upperSums[column]), from: pooling.winner(row: 0, column: 1),
            winner: &winner)
          largest.takeLarger(
            convoy_even_lanes(lowerSums[column]), from: pooling.winner(row: 1, column: 0),
            winner: &winner)
          largest.takeLarger(
            convoy_odd_lanes(lowerSums[column]), from: pooling.winner(row: 1, column: 1),
            winner: &winner)
          largest.store(rowOutput + column &* pooling.channels)
          winner.store(rowWinners + column &* pooling.channels)
        }
      }
    }
  }
#endif
