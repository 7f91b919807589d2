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

/// Tiles of four columns: enough chains to hide the latency of a multiply-add, whose loads are what
/// limits it. Three adjacent kernel columns share them.
@inline(__always)
private func convolvePanel<Vector: LaneVector>(
  _: Vector.Type, _ geometry: DepthwiseGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let start = bias.map(Vector.load) ?? Vector()
  let hasAdjacentColumns =
    geometry.kernelColumns == 3 && geometry.planes == 1
    && geometry.kernelColumnStep == geometry.inputColumnStep
  for row in 0..<geometry.outputRows {
    let rowInput = input + row &* geometry.inputRowStep
    let rowOutput = output + row &* geometry.outputRowStep
    var column = 0
    while hasAdjacentColumns, column &+ 4 <= geometry.outputColumns {
      convolveAdjacentColumns(
        geometry, rowInput + column &* geometry.inputColumnStep, weights, start,
        rowOutput + column &* geometry.outputColumnStep)
      column &+= 4
    }
    while column &+ 4 <= geometry.outputColumns {
      convolveColumns(
        Count<4>(), geometry, rowInput + column &* geometry.inputColumnStep, weights, start,
        rowOutput + column &* geometry.outputColumnStep)
      column &+= 4
    }
    while column < geometry.outputColumns {
      convolveColumns(
        Count<1>(), geometry, rowInput + column &* geometry.inputColumnStep, weights, start,
        rowOutput + column &* geometry.outputColumnStep)
      column &+= 1
    }
  }
}

/// One vector of channels of four adjacent columns, of a kernel with three columns: each input is
/// loaded once per kernel row.
@inline(__always)
private func convolveAdjacentColumns<Vector: LaneVector>(
  _ geometry: DepthwiseGeometry, _ input: FloatPointer, _ weights: FloatPointer, _ start: Vector,
  _ output: MutableFloatPointer
) {
  let step = geometry.inputColumnStep
  var (first, second, third, fourth) = (start, start, start, start)
  var (row, weight) = (input, weights)
  for _ in 0..<geometry.kernelRows {
    let left = Vector.load(weight)
    let middle = Vector.load(weight + Vector.scalarCount)
    let right = Vector.load(weight + 2 &* Vector.scalarCount)
    var value = Vector.load(row)
    first = first.adding(left, times: value)
    value = Vector.load(row + step)
    first = first.adding(middle, times: value)
    second = second.adding(left, times: value)
    value = Vector.load(row + 2 &* step)
    first = first.adding(right, times: value)
    second = second.adding(middle, times: value)
    third = third.adding(left, times: value)
    value = Vector.load(row + 3 &* step)
    second = second.adding(right, times: value)
    third = third.adding(middle, times: value)
    fourth = fourth.adding(left, times: value)
    value = Vector.load(row + 4 &* step)
    third = third.adding(right, times: value)
    fourth = fourth.adding(middle, times: value)
    value = Vector.load(row + 5 &* step)
    fourth = fourth.adding(right, times: value)
    row += geometry.kernelRowStep
    weight += 3 &* Vector.scalarCount
  }
  first.store(output)
  second.store(output + geometry.outputColumnStep)
  third.store(output + 2 &* geometry.outputColumnStep)
  fourth.store(output + 3 &* geometry.outputColumnStep)
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
  for column in 0..<count { sums[column].store(output + column &* geometry.outputColumnStep) }
}

/// Three kernel columns at a time, whose gradients stay in registers over all output positions.
@inline(__always)
private func panelGradient<Vector: LaneVector>(
  _: Vector.Type, _ geometry: DepthwiseGeometry, _ input: FloatPointer,
  _ outputGradient: FloatPointer, _ result: MutableFloatPointer, _ accumulates: Bool
) {
  for kernelRow in 0..<geometry.kernelRows {
    for plane in 0..<geometry.planes {
      let rowInput =
        input + (kernelRow &* geometry.kernelRowStep &+ plane &* geometry.planeStep)
      let firstTap = kernelRow &* geometry.kernelColumns &* geometry.planes &+ plane
      let rowResult = result + firstTap &* Vector.scalarCount
      let step = geometry.planes &* Vector.scalarCount
      var column = 0
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
