import ConvoyCPUFeatures
import ConvoyKernelInterface

extension CompiledKernels {
  package func convolveChannels(
    _ geometry: DepthwiseGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer
  ) {
    let layout = geometry.weights
    for panel in 0..<layout.panels {
      let channel = panel &* PanelLayout.panelWidth
      let panelWeights = weights + layout.offset(ofPanel: panel)
      let panelBias = bias.map { $0 + channel }
      if layout.width(ofPanel: panel) == PanelLayout.panelWidth {
        convolvePanel(
          SIMD16<Float>.self, geometry, input + channel, panelWeights, panelBias, output + channel)
      } else {
        convolvePanel(
          SIMD8<Float>.self, geometry, input + channel, panelWeights, panelBias, output + channel)
      }
    }
  }

  package func channelWeightGradient(
    _ geometry: DepthwiseGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    let layout = geometry.weights
    for panel in 0..<layout.panels {
      let channel = panel &* PanelLayout.panelWidth
      let result = weightGradient + layout.offset(ofPanel: panel)
      if layout.width(ofPanel: panel) == PanelLayout.panelWidth {
        panelGradient(
          SIMD16<Float>.self, geometry, input + channel, outputGradient + channel, result,
          accumulates)
      } else {
        panelGradient(
          SIMD8<Float>.self, geometry, input + channel, outputGradient + channel, result,
          accumulates)
      }
    }
  }

  package func spreadChannels(
    _ spread: ChannelSpread, pixels: Int, step: Int, from source: FloatPointer, otherStep: Int,
    to target: MutableFloatPointer
  ) {
    for pixel in 0..<pixels {
      for plane in 0..<spread.planes {
        var value = source + (pixel &* step &+ plane)
        let start = target + (pixel &* otherStep &+ plane &* spread.planeStep)
        var lane = 0
        for _ in 0..<spread.groups {
          for _ in 0..<spread.filters {
            start[lane] = value[0]
            lane &+= 1
          }
          value += spread.planes
        }
        while lane < spread.planeStep {
          start[lane] = 0
          lane &+= 1
        }
      }
    }
  }

  package func gatherChannels(
    _ spread: ChannelSpread, pixels: Int, step: Int, from source: FloatPointer, otherStep: Int,
    to target: MutableFloatPointer
  ) {
    for pixel in 0..<pixels {
      for plane in 0..<spread.planes {
        var lane = source + (pixel &* step &+ plane &* spread.planeStep)
        var result = target + (pixel &* otherStep &+ plane)
        for _ in 0..<spread.groups {
          var sum: Float = 0
          for _ in 0..<spread.filters {
            sum += lane[0]
            lane += 1
          }
          result[0] = sum
          result += spread.planes
        }
      }
    }
  }
}

/// Tiles of eight or four columns: enough sums to hide a multiply-add's latency. Loads are the limit, so
/// three and five adjacent kernel columns share them.
@inline(__always)
private func convolvePanel<Vector: LaneVector>(
  _: Vector.Type, _ geometry: DepthwiseGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let start = bias.map(Vector.load) ?? Vector()
  let (inputStep, outputStep) = (geometry.inputColumnStep, geometry.outputColumnStep)
  let adjacent =
    geometry.planes == 1 && geometry.kernelColumnStep == inputStep ? geometry.kernelColumns : 0
  for row in 0..<geometry.outputRows {
    var input = input + row &* geometry.inputRowStep
    var output = output + row &* geometry.outputRowStep
    var left = geometry.outputColumns
    func advance(by columns: Int) {
      input += columns &* inputStep
      output += columns &* outputStep
      left &-= columns
    }
    while adjacent == 5, Vector.holds(5 + 4 + 1), left >= 4 {
      convolveAdjacentColumns(Count<5>(), Count<4>(), geometry, input, weights, start, output)
      advance(by: 4)
    }
    while adjacent == 3, Vector.holds(3 + 8 + 1), left >= 8 {
      convolveAdjacentColumns(Count<3>(), Count<8>(), geometry, input, weights, start, output)
      advance(by: 8)
    }
    while adjacent == 3, left >= 4 {
      convolveAdjacentColumns(Count<3>(), Count<4>(), geometry, input, weights, start, output)
      advance(by: 4)
    }
    while Vector.holds(8 + 2), left >= 8 {
      convolveColumns(Count<8>(), geometry, input, weights, start, output)
      advance(by: 8)
    }
    while left >= 4 {
      convolveColumns(Count<4>(), geometry, input, weights, start, output)
      advance(by: 4)
    }
    while left > 0 {
      convolveColumns(Count<1>(), geometry, input, weights, start, output)
      advance(by: 1)
    }
  }
}

extension LaneVector {
  /// Whether registers hold so many vectors, with a few to spare.
  @inline(__always)
  fileprivate static func holds(_ vectors: Int) -> Bool {
    #if AVX512
      vectors <= 30
    #elseif AVX2 || arch(arm64)
      vectors <= (scalarCount == 8 ? 14 : 7)
    #else
      vectors <= (scalarCount == 8 ? 7 : 3)
    #endif
  }
}

/// One vector of channels of `count` adjacent columns, of a kernel with `taps` adjacent ones: each input
/// is loaded once per kernel row.
@inline(__always)
private func convolveAdjacentColumns<Vector: LaneVector, let taps: Int, let count: Int>(
  _: Count<taps>, _: Count<count>, _ geometry: DepthwiseGeometry, _ input: FloatPointer,
  _ weights: FloatPointer, _ start: Vector, _ output: MutableFloatPointer
) {
  var sums = InlineArray<count, Vector>(repeating: start)
  var (row, weight) = (input, weights)
  for _ in 0..<geometry.kernelRows {
    let factors = InlineArray<taps, Vector> { tap in
      Vector.load(weight + tap &* Vector.scalarCount)
    }
    for place in 0..<(count &+ taps &- 1) {
      let value = Vector.load(row + place &* geometry.inputColumnStep)
      for tap in 0..<taps where place >= tap && place &- tap < count {
        sums[place &- tap] = sums[place &- tap].adding(factors[tap], times: value)
      }
    }
    row += geometry.kernelRowStep
    weight += taps &* Vector.scalarCount
  }
  store(sums, geometry, output)
}

/// One vector of channels of `count` adjacent columns.
@inline(__always)
private func convolveColumns<Vector: LaneVector, let count: Int>(
  _: Count<count>, _ geometry: DepthwiseGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ start: Vector, _ output: MutableFloatPointer
) {
  var sums = InlineArray<count, Vector>(repeating: start)
  var weight = weights
  for kernelRow in 0..<geometry.kernelRows {
    for kernelColumn in 0..<geometry.kernelColumns {
      var value =
        input
        + (kernelRow &* geometry.kernelRowStep &+ kernelColumn &* geometry.kernelColumnStep)
      for _ in 0..<geometry.planes {
        let factors = Vector.load(weight)
        for column in 0..<count {
          sums[column] = sums[column].adding(
            factors, times: Vector.load(value + column &* geometry.inputColumnStep))
        }
        weight += Vector.scalarCount
        value += geometry.planeStep
      }
    }
  }
  store(sums, geometry, output)
}

/// Stores adjacent columns, and prefetches what the next panel will write beside them: its lines are a
/// pixel's channels apart, which the processor does not fetch ahead. A prefetch beyond the map cannot fault.
@inline(__always)
private func store<Vector: LaneVector, let count: Int>(
  _ sums: InlineArray<count, Vector>, _ geometry: DepthwiseGeometry, _ output: MutableFloatPointer
) {
  for column in 0..<count {
    let target = output + column &* geometry.outputColumnStep
    sums[column].store(target)
    if Vector.scalarCount == PanelLayout.panelWidth {
      convoy_prefetch_for_writing(target + Vector.scalarCount)
    }
  }
}

/// Some kernel columns at a time, whose gradients stay in registers over all output positions; all of
/// the kernel if it is one of 3×3 or 5×5 and registers hold it.
@inline(__always)
private func panelGradient<Vector: LaneVector>(
  _: Vector.Type, _ geometry: DepthwiseGeometry, _ input: FloatPointer,
  _ outputGradient: FloatPointer, _ result: MutableFloatPointer, _ accumulates: Bool
) {
  if geometry.planes == 1, geometry.kernelRows == geometry.kernelColumns {
    if geometry.kernelRows == 3, Vector.holds(3 * 3 + 1) {
      squareGradient(
        Count<3>(), Vector.self, geometry, input, outputGradient, result, accumulates)
      return
    }
    if geometry.kernelRows == 5, Vector.holds(5 * 5 + 1) {
      squareGradient(
        Count<5>(), Vector.self, geometry, input, outputGradient, result, accumulates)
      return
    }
  }
  for kernelRow in 0..<geometry.kernelRows {
    for plane in 0..<geometry.planes {
      let rowInput =
        input + (kernelRow &* geometry.kernelRowStep &+ plane &* geometry.planeStep)
      let firstTap = kernelRow &* geometry.kernelColumns &* geometry.planes &+ plane
      let rowResult = result + firstTap &* Vector.scalarCount
      let step = geometry.planes &* Vector.scalarCount
      var column = 0
      while Vector.holds(5 + 1), column &+ 5 <= geometry.kernelColumns {
        tapGradients(
          Count<5>(), Vector.self, geometry, rowInput + column &* geometry.kernelColumnStep,
          outputGradient, rowResult + column &* step, step, accumulates)
        column &+= 5
      }
      while column &+ 3 <= geometry.kernelColumns {
        tapGradients(
          Count<3>(), Vector.self, geometry, rowInput + column &* geometry.kernelColumnStep,
          outputGradient, rowResult + column &* step, step, accumulates)
        column &+= 3
      }
      while column < geometry.kernelColumns {
        tapGradients(
          Count<1>(), Vector.self, geometry, rowInput + column &* geometry.kernelColumnStep,
          outputGradient, rowResult + column &* step, step, accumulates)
        column &+= 1
      }
    }
  }
}

/// The gradients of `count` adjacent kernel columns, for one vector of channels.
@inline(__always)
private func tapGradients<Vector: LaneVector, let count: Int>(
  _: Count<count>, _: Vector.Type, _ geometry: DepthwiseGeometry, _ input: FloatPointer,
  _ outputGradient: FloatPointer, _ result: MutableFloatPointer, _ resultStep: Int,
  _ accumulates: Bool
) {
  var sums = InlineArray<count, Vector>(repeating: Vector())
  if accumulates {
    for tap in 0..<count { sums[tap] = Vector.load(result + tap &* resultStep) }
  }
  for row in 0..<geometry.outputRows {
    var value = input + row &* geometry.inputRowStep
    var gradient = outputGradient + row &* geometry.outputRowStep
    for _ in 0..<geometry.outputColumns {
      let lanes = Vector.load(gradient)
      for tap in 0..<count {
        sums[tap] = sums[tap].adding(
          lanes, times: Vector.load(value + tap &* geometry.kernelColumnStep))
      }
      value += geometry.inputColumnStep
      gradient += geometry.outputColumnStep
    }
  }
  for tap in 0..<count { sums[tap].store(result + tap &* resultStep) }
}

/// The gradients of all taps of a kernel with `size` rows and columns, for one vector of channels.
@inline(__always)
private func squareGradient<Vector: LaneVector, let size: Int>(
  _: Count<size>, _: Vector.Type, _ geometry: DepthwiseGeometry, _ input: FloatPointer,
  _ outputGradient: FloatPointer, _ result: MutableFloatPointer, _ accumulates: Bool
) {
  func place(_ row: Int, _ column: Int) -> MutableFloatPointer {
    result + (row &* size &+ column) &* Vector.scalarCount
  }
  var sums = InlineArray<size, InlineArray<size, Vector>> { row in
    InlineArray { column in accumulates ? Vector.load(place(row, column)) : Vector() }
  }
  for outputRow in 0..<geometry.outputRows {
    var value = input + outputRow &* geometry.inputRowStep
    var gradient = outputGradient + outputRow &* geometry.outputRowStep
    for _ in 0..<geometry.outputColumns {
      let lanes = Vector.load(gradient)
      for row in 0..<size {
        let rowValue = value + row &* geometry.kernelRowStep
        for column in 0..<size {
          sums[row][column] = sums[row][column].adding(
            lanes, times: Vector.load(rowValue + column &* geometry.kernelColumnStep))
        }
      }
      value += geometry.inputColumnStep
      gradient += geometry.outputColumnStep
    }
  }
  for row in 0..<size { for column in 0..<size { sums[row][column].store(place(row, column)) } }
}
