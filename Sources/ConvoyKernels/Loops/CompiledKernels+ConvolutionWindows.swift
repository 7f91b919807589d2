import ConvoyKernelInterface

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
      let panelWeights = weights + layout.offset(ofPanel: panel)
      if layout.width(ofPanel: panel) == PanelLayout.panelWidth {
        convolveWindowsOfPanel(
          SIMD16<Float>.self, limit: WindowLimit.wide, geometry, pooling, input, panelWeights,
          bias + channel, output + channel, winners + channel)
      } else {
        #if AVX512
          if geometry.inputColumnStep == 1 {
            convolveHalfPanelWindows(
              geometry, pooling, input, panelWeights, bias + channel, output + channel,
              winners + channel)
            continue
          }
        #endif
        convolveWindowsOfPanel(
          SIMD8<Float>.self, limit: WindowLimit.narrow, geometry, pooling, input, panelWeights,
          bias + channel, output + channel, winners + channel)
      }
    }
  }
}

@inline(__always)
private func convolveWindowsOfPanel<Vector: LaneVector>(
  _: Vector.Type, limit: Int, _ geometry: ConvolutionGeometry, _ pooling: PoolingGeometry,
  _ input: FloatPointer, _ weights: FloatPointer, _ bias: FloatPointer,
  _ output: MutableFloatPointer, _ winners: MutableFloatPointer
) {
  let start = Vector.load(bias)
  let cut = EvenCut(pooling.outputColumns, limit: limit)
  var firstColumn = 0
  for piece in 0..<cut.pieces {
    let columns = cut.size(piece)
    let strip = WindowStrip(
      geometry: geometry, pooling: pooling,
      input: input + 2 &* firstColumn &* geometry.inputColumnStep, weights: weights, start: start,
      output: output + firstColumn &* pooling.channels,
      winners: winners + firstColumn &* pooling.channels)
    withWindows(columns, strip)
    firstColumn &+= columns
  }
}

/// One vector of output channels for `count` adjacent windows of 2×2, row after row.
private struct WindowStrip<Vector: LaneVector>: TileBody {
  let geometry: ConvolutionGeometry
  let pooling: PoolingGeometry
  let input: FloatPointer
  let weights: FloatPointer
  let start: Vector
  let output: MutableFloatPointer
  let winners: MutableFloatPointer

  /// One function per count, because the compiler gives up inlining into one that holds all.
  @inline(never)
  func run<let count: Int>(_ width: Count<count>) {
    // First layer with one channel: the columns' inputs are adjacent, at constant offsets.
    if geometry.inputColumnStep == 1 {
      run(width, columnStep: 1)
    } else {
      run(width, columnStep: geometry.inputColumnStep)
    }
  }

  @inline(__always)
  private func run<let count: Int>(_: Count<count>, columnStep: Int) {
    for row in 0..<pooling.outputRows {
      var upperLeft = InlineArray<count, Vector>(repeating: start)
      var upperRight = upperLeft
      var lowerLeft = upperLeft
      var lowerRight = upperLeft
      var weight = weights
      let rowInput = input + 2 &* row &* geometry.inputRowStep
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
      let rowOutput = output + row &* pooling.outputRowStep
      let rowWinners = winners + row &* pooling.outputColumns &* pooling.channels
      for column in 0..<count {
        var largest = upperLeft[column]
        var winner = Vector()
        largest.takeLarger(
          upperRight[column], from: pooling.winner(row: 0, column: 1), winner: &winner)
        largest.takeLarger(
          lowerLeft[column], from: pooling.winner(row: 1, column: 0), winner: &winner)
        largest.takeLarger(
          lowerRight[column], from: pooling.winner(row: 1, column: 1), winner: &winner)
        largest.store(rowOutput + column &* pooling.channels)
        winner.store(rowWinners + column &* pooling.channels)
      }
    }
  }
}
