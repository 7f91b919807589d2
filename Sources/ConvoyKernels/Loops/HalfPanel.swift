#if AVX512
  import ConvoyKernelInterface
  import ConvoyVectors

  // A panel of eight output channels fills half of a vector. Two positions, or two taps, fill it
  // together: lanes alternate between them, and every product reads two neighbouring numbers. Each
  // lane is the same chain of operations as in a vector of eight, so the bits are the same.

  extension SIMD16<Float> {
    /// Two neighbouring numbers, eight times.
    @inline(__always)
    static func pair(at place: FloatPointer) -> Self {
      convoy_repeating(UnsafeRawPointer(place).loadUnaligned(as: SIMD2<Float>.self))
    }

    /// Each of eight lanes twice, side by side.
    @inline(__always)
    static func doubled(_ lanes: SIMD8<Float>) -> Self {
      convoy_interleaving(lanes, lanes)
    }

    @inline(__always)
    fileprivate func store(_ one: MutableFloatPointer, _ other: MutableFloatPointer) {
      convoy_even_lanes(self).store(one)
      convoy_odd_lanes(self).store(other)
    }
  }

  /// The inputs of a kernel row for two tiles, in turn.
  private typealias PairedInputs = InlineArray<512, SIMD2<Float>>

  /// Pairs of positions in a tile: as many sums as registers hold, and inputs as there is room for.
  private func pairLimit(_ geometry: ConvolutionGeometry) -> Int {
    min(
      TileLimit.narrow, 1 &+ (PairedInputs.count &- geometry.rowRun) / geometry.inputColumnStep)
  }

  /// Whether two positions in a vector take less time than one: products outweigh the copy of the
  /// inputs, all of which are read. Of a group's channels, those of other groups lie between the runs.
  func pairsPositions(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.outputColumns >= 8 && geometry.weights.rows >= 16
      && geometry.inputColumnStep <= geometry.rowRun && pairLimit(geometry) >= 4
  }

  /// Writes a0 b0 a1 b1 … to `pairs`.
  @inline(__always)
  private func interleave(
    _ one: FloatPointer, _ other: FloatPointer, count: Int, to pairs: MutableFloatPointer
  ) {
    guard count >= 8 else {
      for place in 0..<count {
        pairs[2 &* place] = one[place]
        pairs[2 &* place &+ 1] = other[place]
      }
      return
    }
    var first = 0
    repeat {
      // The last eight may overlap those before.
      let place = min(first, count &- 8)
      convoy_interleaving(SIMD8.load(one + place), SIMD8.load(other + place))
        .store(pairs + 2 &* place)
      first &+= 8
    } while first < count
  }

  /// A convolution for a panel of eight channels, two positions of a row at a time.
  ///
  /// - Precondition: `pairsPositions` says that it pays.
  func convolveHalfPanel(
    _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
    _ bias: FloatPointer?, _ output: MutableFloatPointer
  ) {
    // Where columns are odd, both halves make the middle one.
    let half = (geometry.outputColumns &+ 1) / 2
    let start = SIMD16.doubled(bias.map(SIMD8.load) ?? SIMD8())
    var (input, output) = (input, output)
    var interleaved = PairedInputs { _ in SIMD2() }
    withUnsafeMutablePointer(to: &interleaved) {
      let pairs = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self)
      let cut = EvenCut(half, limit: pairLimit(geometry))
      // A loop, so that the functions of all counts are dispatched to in one place.
      for kind in 0..<2 {
        let (tiles, columns) = cut.pieces(ofKind: kind)
        guard tiles > 0 else { continue }
        let strip = PositionPairStrip(
          geometry: geometry, tiles: tiles, offset: geometry.outputColumns &- half, input: input,
          pairs: pairs, weights: weights, start: start, output: output)
        withCount(columns, strip)
        input += tiles &* columns &* geometry.inputColumnStep
        output += tiles &* columns &* geometry.outputColumnStep
      }
    }
  }

  /// Two positions for `count` adjacent columns, row after row.
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
          var sums = InlineArray<count, SIMD16<Float>> { _ in start }
          var weight = weights + row &* geometry.weightRowStep
          for kernelRow in 0..<geometry.kernelRows {
            var run = tileInput + kernelRow &* geometry.kernelRowStep
            for _ in 0..<geometry.runs {
              interleave(run, run + otherInput, count: span, to: pairs)
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
    let cut = EvenCut(geometry.rowRun, limit: 2 &* TileLimit.narrow)
    let pairs = (cut.size(0) &+ 1) / 2
    // Short runs: several kernel rows share a tile. Runs that lie apart are tiles of their own.
    let rowsATile =
      cut.pieces == 1 && geometry.runs == 1 ? min(3, max(1, TileLimit.narrow / pairs)) : 1
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
              + ((kernelRow &* geometry.runs &+ run) &* geometry.rowRun &+ tap)
                &* SIMD8<Float>.scalarCount,
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
      if rows &* count <= TileLimit.narrow { tile.run(Count<rows>(), pairs) }
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
      result + (row &* geometry.rowRun &+ firstTap(of: pair)) &* SIMD8<Float>.scalarCount
    }

    @inline(__always)
    func run<let rows: Int, let count: Int>(_: Count<rows>, _: Count<count>) {
      var sums = InlineArray<rows, InlineArray<count, SIMD16<Float>>> { _ in
        InlineArray { _ in SIMD16() }
      }
      if accumulates {
        for row in 0..<rows {
          for pair in 0..<count {
            let place = place(row, pair)
            sums[row][pair] = convoy_interleaving(
              SIMD8.load(place), SIMD8.load(place + SIMD8<Float>.scalarCount))
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
          sums[row][pair].store(place, place + SIMD8<Float>.scalarCount)
        }
      }
    }
  }
#endif
