import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// The layer that a geometry stands for, with random numbers.
struct ConvolutionTrial {
  private let geometry: ConvolutionGeometry
  let layer: ReferenceConvolution<Double>
  private let input: ReferenceTensor<Double>
  private let output: ReferenceShape
  let filters: FilterLayout

  /// - Parameter isExact: whole numbers, whose sums are exact, so that maxima are the reference's.
  init(_ geometry: ConvolutionGeometry, _ generator: inout SeededGenerator, isExact: Bool = false) {
    self.geometry = geometry
    let shape = ReferenceShape(
      channels: geometry.inputChannels, height: geometry.inputRows, width: geometry.inputColumns)
    output = ReferenceShape(
      channels: geometry.outputChannels, height: geometry.outputRows,
      width: geometry.outputColumns)
    filters = FilterLayout(
      inputChannels: geometry.inputChannels, storedChannels: geometry.inputChannels,
      kernelHeight: geometry.kernelRows, kernelWidth: geometry.kernelColumns,
      filters: geometry.outputChannels)
    func numbers(_ count: Int, unit: Double) -> [Double] {
      isExact
        ? generator.gridValues(count: count, in: -2...2, unit: unit)
        : generator.values(count: count)
    }
    input = ReferenceTensor(shape: shape, values: numbers(shape.count, unit: 1))
    layer = ReferenceConvolution(
      inputChannels: geometry.inputChannels, outputChannels: geometry.outputChannels,
      window: ReferenceWindow(
        height: geometry.kernelRows, width: geometry.kernelColumns, stride: geometry.stride),
      weights: numbers(geometry.weights.count, unit: 0.125),
      biases: numbers(geometry.outputChannels, unit: 0.125))
  }

  private var taps: Int { geometry.weights.rows }
  private var outputPlaces: [Int] {
    KernelCall.places(
      output, rowStep: geometry.outputRowStep, pixelStep: geometry.outputColumnStep)
  }

  /// The map as it is stored.
  private func stored(
    _ tensor: ReferenceTensor<Double>, rowStep: Int, pixelStep: Int
  ) -> [Float] {
    let places = KernelCall.places(tensor.shape, rowStep: rowStep, pixelStep: pixelStep)
    var floats = [Float](repeating: 0, count: (places.max() ?? 0) + 1)
    for (place, value) in zip(places, tensor.values) { floats[place] = Float(value) }
    return floats
  }

  var inputPlaces: [Int] {
    KernelCall.places(
      input.shape, rowStep: geometry.kernelRowStep, pixelStep: geometry.pixelStep)
  }

  var storedInput: [Float] {
    stored(input, rowStep: geometry.kernelRowStep, pixelStep: geometry.pixelStep)
  }

  /// What the reference makes of an output gradient, and of the absolute values of all numbers.
  func gradients(
    _ values: [Double], magnitudes: [Double]
  ) -> (expected: ReferenceGradients<Double>, magnitudes: ReferenceGradients<Double>) {
    let gradient = ReferenceTensor(shape: output, values: values)
    return (
      layer.backward(input: input, output: gradient, outputGradient: gradient),
      Self.absolute(layer).backward(
        input: Self.absolute(input), output: gradient,
        outputGradient: ReferenceTensor(shape: output, values: magnitudes))
    )
  }

  /// All numbers positive: what this gives are the Σ |a · b| of error bounds.
  private static func absolute(_ layer: ReferenceConvolution<Double>) -> ReferenceConvolution<
    Double
  > {
    var layer = layer
    layer.weights = layer.weights.map(abs)
    layer.biases = layer.biases.map(abs)
    return layer
  }

  private static func absolute(_ tensor: ReferenceTensor<Double>) -> ReferenceTensor<Double> {
    ReferenceTensor(shape: tensor.shape, values: tensor.values.map(abs))
  }

  func forward(hasBias: Bool, _ generator: inout SeededGenerator) -> KernelTrial {
    var layer = layer
    if !hasBias { layer.biases = layer.biases.map { _ in 0 } }
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(storedInput)
    let weights = memory.place(filters.stored(layer.weights))
    let biases = memory.place(layer.biases)
    let places = outputPlaces
    let target = memory.reserve((places.max() ?? 0) + 1)
    var trial = unsafe KernelTrial("convolve", memory: memory) { [geometry] kernels, memory in
      unsafe kernels.convolve(
        geometry, input: memory + source, weights: memory + weights,
        bias: hasBias ? FloatPointer(memory + biases) : nil, output: memory + target)
    }
    trial.promise(
      layer.forward(input).values, at: places.map { target + $0 },
      magnitudes: Self.absolute(layer).forward(Self.absolute(input)).values,
      roundings: (fused: taps, separate: taps + 1))
    return trial
  }

  func pooled(
    _ pooling: PoolingGeometry, _ activation: ActivationFunction,
    _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let size = pooling.kernelSize
    let window = ReferenceWindow(height: size, width: size, stride: pooling.stride)
    let convolved = layer.forward(input)
    let maxima = ReferenceMaxPooling(window: window).forward(convolved)
    let expected = Activation.reference(activation).forward(maxima)
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(storedInput)
    let weights = memory.place(filters.stored(layer.weights))
    let biases = memory.place(layer.biases)
    let bandCount = (pooling.overlaps ? output.height : size) * geometry.outputRowStep
    let band = memory.reserve(bandCount)
    let places = KernelCall.places(
      maxima.shape, rowStep: pooling.outputRowStep, pixelStep: pooling.channels)
    let target = memory.reserve((places.max() ?? 0) + 1)
    let winnersMap = StoredMap(maxima.shape)
    let winners = memory.reserve(winnersMap.count)
    var trial = unsafe KernelTrial("convolveAndMaxPool", memory: memory) {
      [geometry] kernels, memory in
      unsafe kernels.convolveAndMaxPool(
        geometry, pooling: pooling, activation: activation, input: memory + source,
        weights: memory + weights, bias: memory + biases, band: memory + band,
        output: memory + target, winners: memory + winners)
    }
    trial.scratch = Array(band..<band + bandCount)
    trial.promise(
      expected.values, at: places.map { target + $0 },
      within: maxima.values.map { Activation.bound(activation, of: $0) })
    trial.promise(
      exactly: Winners.places(in: convolved, window: window, for: pooling),
      at: winnersMap.places.map { winners + $0 })
    return trial
  }

  func weightGradient(_ generator: inout SeededGenerator) -> KernelTrial {
    let gradient = ReferenceTensor(
      shape: output, values: generator.values(count: output.count))
    let reference = gradients(gradient.values, magnitudes: gradient.values.map(abs))
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(storedInput)
    let gradients = memory.place(
      stored(
        gradient, rowStep: geometry.outputRowStep, pixelStep: geometry.outputColumnStep))
    let target = memory.reserve(geometry.weights.count)
    var trial = unsafe KernelTrial("weightGradient", memory: memory) { [geometry] kernels, memory in
      unsafe kernels.weightGradient(
        geometry, input: memory + source, outputGradient: memory + gradients,
        weightGradient: memory + target, accumulates: false)
    }
    let positions = output.height * output.width
    trial.promise(
      reference.expected.weights, at: filters.places.map { target + $0 },
      magnitudes: reference.magnitudes.weights,
      roundings: (fused: positions, separate: positions + 1))
    return trial
  }
}
