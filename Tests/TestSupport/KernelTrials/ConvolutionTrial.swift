import ConvoyKernelInterface
import ConvoyReference

/// The layer that a geometry stands for, with random numbers: what its kernels are tried on.
struct ConvolutionTrial {
  let name: String
  let geometry: ConvolutionGeometry
  let conditions: TrialConditions
  let layer: ReferenceConvolution<Double>
  let input: ReferenceTensor<Double>
  let output: ReferenceShape
  let inputMap: StoredMap
  let filters: FilterLayout

  /// - Parameter isExact: whole numbers, large parts of them blank, whose sums are exact: maxima then
  ///   tie often, and the reference's winners are the kernels'.
  init(
    _ name: String, _ geometry: ConvolutionGeometry, _ conditions: TrialConditions,
    isExact: Bool = false
  ) {
    self.name = name
    self.geometry = geometry
    self.conditions = conditions
    let inputChannels = conditions.inputChannels ?? geometry.inputChannels
    let filterCount = conditions.outputChannels ?? geometry.outputChannels
    let shape = ReferenceShape(
      channels: inputChannels, height: geometry.inputRows, width: geometry.inputColumns)
    output = ReferenceShape(
      channels: filterCount, height: geometry.outputRows, width: geometry.outputColumns)
    inputMap = StoredMap(
      shape, channels: geometry.inputChannels, columnStep: geometry.pixelStep,
      rowStep: geometry.rowStep)
    filters = FilterLayout(
      inputChannels: inputChannels, storedChannels: geometry.inputChannels,
      kernelHeight: geometry.kernelRows, kernelWidth: geometry.kernelColumns,
      filters: filterCount)

    var generator = conditions.generator()
    func numbers(_ count: Int, in range: ClosedRange<Int>, unit: Double = 1) -> [Double] {
      isExact
        ? generator.gridValues(count: count, in: range, unit: unit)
        : generator.values(count: count)
    }
    var values = numbers(shape.count, in: -3...3)
    for index in values.indices {
      let isBlank = isExact && index / 5 % 2 == 0
      if isBlank || shape.isFrame(index, width: conditions.padding) { values[index] = 0 }
    }
    input = ReferenceTensor(shape: shape, values: values)
    layer = ReferenceConvolution(
      inputChannels: inputChannels, filters: filterCount,
      window: ReferenceWindow(
        height: geometry.kernelRows, width: geometry.kernelColumns,
        down: .init(stride: geometry.rowStride, dilation: geometry.rowDilation),
        across: .init(stride: geometry.columnStride, dilation: geometry.columnDilation)),
      weights: numbers(filters.places.count, in: -2...2, unit: 0.125),
      biases: numbers(filterCount, in: -2...2, unit: 0.125))
  }

  /// Products in each sum; those with added zeros are exact.
  private var taps: Int { filters.inputChannels * filters.kernelHeight * filters.kernelWidth }

  private var outputMap: StoredMap {
    StoredMap(
      output, channels: geometry.outputChannels, columnStep: geometry.outputColumnStep,
      rowStep: geometry.outputRowStep)
  }

  var storedInput: [Float] { inputMap.stored(input.values) }

  /// The biases, with zeros for added filters.
  var storedBiases: [Double] {
    layer.biases + Array(repeating: 0, count: geometry.outputChannels - layer.biases.count)
  }

  /// What the reference makes of an output gradient, and of the absolute values of all numbers: the
  /// Σ |a · b| of error bounds.
  func gradients(
    _ values: [Double], magnitudes: [Double]
  ) -> (expected: ReferenceGradients<Double>, magnitudes: ReferenceGradients<Double>) {
    let gradient = ReferenceTensor(shape: output, values: values)
    return (
      layer.backward(input: input, output: gradient, outputGradient: gradient),
      layer.absolute.backward(
        input: input.absolute, output: gradient,
        outputGradient: ReferenceTensor(shape: output, values: magnitudes))
    )
  }

  func forward(hasBias: Bool) -> KernelTrial {
    var layer = layer
    if !hasBias { layer.biases = layer.biases.map { _ in 0 } }
    let map = outputMap
    var memory = conditions.memory()
    let source = memory.place(storedInput)
    let weights = memory.place(filters.stored(layer.weights))
    let biases = memory.place(storedBiases)
    let target = memory.reserve(map.count)
    var trial = KernelTrial(name, memory: memory) { [geometry] kernels, memory in
      kernels.convolve(
        geometry, input: memory + source, weights: memory + weights,
        bias: hasBias ? FloatPointer(memory + biases) : nil, output: memory + target)
    }
    trial.promise(
      layer.forward(input).values, at: map.places.map { target + $0 },
      magnitudes: layer.absolute.forward(input.absolute).values,
      roundings: (fused: taps, separate: taps + 1))
    trial.promiseZeros(at: map.addedPlaces.map { target + $0 })
    return trial
  }

  func weightGradient(accumulates: Bool) -> KernelTrial {
    var generator = conditions.generator(part: 1)
    let gradient = generator.values(count: output.count)
    let reference = gradients(gradient, magnitudes: gradient.map(abs))
    let before =
      accumulates
      ? generator.values(count: layer.weights.count) : layer.weights.map { _ in 0 }
    var memory = conditions.memory()
    let source = memory.place(storedInput)
    let gradients = memory.place(outputMap.stored(gradient))
    let target =
      accumulates
      ? memory.place(filters.stored(before)) : memory.reserve(filters.panels.count)
    var trial = KernelTrial(name, memory: memory) { [geometry] kernels, memory in
      kernels.weightGradient(
        geometry, input: memory + source, outputGradient: memory + gradients,
        weightGradient: memory + target, accumulates: accumulates)
    }
    let positions = output.height * output.width
    trial.promise(
      zip(before, reference.expected.weights).map { $0 + $1 },
      at: filters.places.map { target + $0 },
      magnitudes: zip(before, reference.magnitudes.weights).map { abs($0) + $1 },
      roundings: (fused: positions, separate: positions + 1))
    trial.promiseZeros(at: filters.addedPlaces.map { target + $0 })
    return trial
  }
}
