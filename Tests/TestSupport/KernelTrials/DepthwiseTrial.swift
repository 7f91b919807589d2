import ConvoyKernelInterface
import ConvoyReference

/// A depthwise convolution with random numbers: what its kernels are tried on. A convolution with as
/// many groups as filters, whose k-th channel of each group lies in plane k.
struct DepthwiseTrial {
  private let name: String
  private let geometry: DepthwiseGeometry
  private let conditions: TrialConditions
  private let layer: ReferenceConvolution<Double>
  private let input: ReferenceTensor<Double>
  private let output: ReferenceShape
  private let outputMap: StoredMap
  /// By channel, row, column of the layer's input.
  private let inputPlaces: [Int]
  private let inputCount: Int
  /// By filter, plane, kernel row, kernel column.
  private let weightPlaces: [Int]

  init(_ name: String, _ geometry: DepthwiseGeometry, _ conditions: TrialConditions) {
    self.name = name
    self.geometry = geometry
    self.conditions = conditions
    let filters = conditions.outputChannels ?? geometry.channels
    let rowStep = commonDivisor(geometry.inputRowStep, geometry.kernelRowStep)
    let pixelStep = commonDivisor(geometry.inputColumnStep, geometry.kernelColumnStep)
    let window = ReferenceWindow(
      height: geometry.kernelRows, width: geometry.kernelColumns,
      down: .init(
        stride: geometry.inputRowStep / rowStep, dilation: geometry.kernelRowStep / rowStep),
      across: .init(
        stride: geometry.inputColumnStep / pixelStep,
        dilation: geometry.kernelColumnStep / pixelStep))
    func reach(_ outputs: Int, _ steps: ReferenceWindow.Steps, _ size: Int) -> Int {
      (outputs - 1) * steps.stride + (size - 1) * steps.dilation + 1
    }
    let shape = ReferenceShape(
      channels: filters * geometry.planes,
      height: reach(geometry.outputRows, window.down, window.height),
      width: reach(geometry.outputColumns, window.across, window.width))
    output = ReferenceShape(
      channels: filters, height: geometry.outputRows, width: geometry.outputColumns)
    outputMap = StoredMap(
      output, channels: geometry.channels, columnStep: geometry.outputColumnStep,
      rowStep: geometry.outputRowStep)
    let pixels = (0..<shape.height).flatMap { row in
      (0..<shape.width).map { row * rowStep + $0 * pixelStep }
    }
    inputCount =
      pixels[pixels.count - 1] + (geometry.planes - 1) * geometry.planeStep
      + geometry.channels
    inputPlaces = (0..<shape.channels).flatMap { channel in
      let (filter, plane) = channel.quotientAndRemainder(dividingBy: geometry.planes)
      return pixels.map { $0 + plane * geometry.planeStep + filter }
    }
    let taps = geometry.kernelRows * geometry.kernelColumns
    weightPlaces = (0..<filters).flatMap { filter in
      (0..<geometry.planes).flatMap { plane in
        (0..<taps).map {
          geometry.weights.offset(row: $0 * geometry.planes + plane, column: filter)
        }
      }
    }
    var generator = conditions.generator()
    input = ReferenceTensor(shape: shape, values: generator.values(count: shape.count))
    layer = ReferenceConvolution(
      inputChannels: shape.channels, filters: filters, window: window, groups: filters,
      weights: generator.values(count: weightPlaces.count),
      biases: generator.values(count: filters))
  }

  /// Nothing but the map's values may be read, and added channels are zero.
  private var storedInput: [Float] {
    var floats = Array(repeating: Float(0), count: inputCount)
    for (place, value) in zip(inputPlaces, input.values) { floats[place] = Float(value) }
    return floats
  }

  private func storedWeights(_ weights: [Double]) -> [Float] {
    var floats = Array(repeating: Float(0), count: geometry.weights.count)
    for (place, weight) in zip(weightPlaces, weights) { floats[place] = Float(weight) }
    return floats
  }

  func forward(hasBias: Bool) -> KernelTrial {
    var layer = layer
    if !hasBias { layer.biases = layer.biases.map { _ in 0 } }
    var memory = conditions.memory()
    let source = memory.place(storedInput)
    let weights = memory.place(storedWeights(layer.weights))
    let biases = memory.place(
      layer.biases + Array(repeating: 0, count: geometry.channels - layer.biases.count))
    let target = memory.reserve(outputMap.count)
    var trial = KernelTrial(name, memory: memory) { [geometry] kernels, memory in
      kernels.convolveChannels(
        geometry, input: memory + source, weights: memory + weights,
        bias: hasBias ? FloatPointer(memory + biases) : nil, output: memory + target)
    }
    let taps = geometry.weights.rows
    trial.promise(
      layer.forward(input).values, at: outputMap.places.map { target + $0 },
      magnitudes: layer.absolute.forward(input.absolute).values,
      roundings: (fused: taps, separate: taps + 1))
    trial.promiseZeros(at: outputMap.addedPlaces.map { target + $0 })
    return trial
  }

  func weightGradient(accumulates: Bool) -> KernelTrial {
    var generator = conditions.generator(part: 1)
    let gradient = generator.values(count: output.count)
    let before =
      accumulates
      ? generator.values(count: layer.weights.count) : layer.weights.map { _ in 0 }
    let tensor = ReferenceTensor(shape: output, values: gradient)
    let expected = layer.backward(input: input, output: tensor, outputGradient: tensor)
    let magnitudes = layer.absolute.backward(
      input: input.absolute, output: tensor, outputGradient: tensor.absolute)
    var memory = conditions.memory()
    let source = memory.place(storedInput)
    let gradients = memory.place(outputMap.stored(gradient))
    let target =
      accumulates
      ? memory.place(storedWeights(before)) : memory.reserve(geometry.weights.count)
    var trial = KernelTrial(name, memory: memory) { [geometry] kernels, memory in
      kernels.channelWeightGradient(
        geometry, input: memory + source, outputGradient: memory + gradients,
        weightGradient: memory + target, accumulates: accumulates)
    }
    let positions = output.height * output.width
    trial.promise(
      zip(before, expected.weights).map { $0 + $1 }, at: weightPlaces.map { target + $0 },
      magnitudes: zip(before, magnitudes.weights).map { abs($0) + $1 },
      roundings: (fused: positions, separate: positions + 1))
    let own = Set(weightPlaces)
    trial.promiseZeros(
      at: (0..<geometry.weights.count).filter { !own.contains($0) }.map { target + $0 })
    return trial
  }
}

/// Trials of spreading the channels of groups, and of its gradient.
enum SpreadTrials {
  static func spread(
    _ name: String, _ spread: ChannelSpread, pixels: Int, step: Int, otherStep: Int,
    _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let channels = spread.groups * spread.planes
    let values = generator.values(count: pixels * channels)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: channels, step: step)
    let target = memory.reserve(pixels * otherStep)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.spreadChannels(
        spread, pixels: pixels, step: step, from: memory + source, otherStep: otherStep,
        to: memory + target)
    }
    for pixel in 0..<pixels {
      for plane in 0..<spread.planes {
        let start = target + pixel * otherStep + plane * spread.planeStep
        let filters = spread.groups * spread.filters
        trial.promise(
          exactly: (0..<filters).map {
            values[pixel * channels + $0 / spread.filters * spread.planes + plane]
          }, at: Array(start..<start + filters))
        trial.promiseZeros(at: Array(start + filters..<start + spread.planeStep))
      }
    }
    return trial
  }

  static func gathering(
    _ name: String, _ spread: ChannelSpread, pixels: Int, step: Int, otherStep: Int,
    _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let count = spread.planes * spread.planeStep
    let values = generator.values(count: pixels * count)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: count, step: step)
    let target = memory.reserve(pixels * otherStep)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.gatherChannels(
        spread, pixels: pixels, step: step, from: memory + source, otherStep: otherStep,
        to: memory + target)
    }
    for pixel in 0..<pixels {
      for channel in 0..<spread.groups * spread.planes {
        let (group, plane) = channel.quotientAndRemainder(dividingBy: spread.planes)
        let first = pixel * count + plane * spread.planeStep + group * spread.filters
        let read = values[first..<first + spread.filters]
        trial.promise(
          [read.reduce(0, +)], at: [target + pixel * otherStep + channel],
          magnitudes: [read.reduce(0) { $0 + abs($1) }],
          roundings: (fused: spread.filters, separate: spread.filters))
      }
    }
    return trial
  }
}
