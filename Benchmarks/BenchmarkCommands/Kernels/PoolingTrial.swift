import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// A pooling with random numbers.
struct PoolingTrial {
  private let geometry: PoolingGeometry
  private let window: ReferenceWindow
  private let input: ReferenceTensor<Double>
  private let outputGradient: ReferenceTensor<Double>

  init(_ geometry: PoolingGeometry, _ generator: inout SeededGenerator) {
    self.geometry = geometry
    let size = geometry.kernelSize
    window = ReferenceWindow(height: size, width: size, stride: geometry.stride)
    let shape = ReferenceShape(
      channels: geometry.channels, height: (geometry.outputRows - 1) * geometry.stride + size,
      width: (geometry.outputColumns - 1) * geometry.stride + size)
    input = ReferenceTensor(shape: shape, values: generator.values(count: shape.count))
    let output = ReferenceShape(
      channels: geometry.channels, height: geometry.outputRows, width: geometry.outputColumns)
    outputGradient = ReferenceTensor(
      shape: output, values: generator.values(count: output.count))
  }

  private var inputPlaces: [Int] {
    KernelCall.places(
      input.shape, rowStep: geometry.inputRowStep, pixelStep: geometry.channels)
  }
  private var outputPlaces: [Int] {
    KernelCall.places(
      outputGradient.shape, rowStep: geometry.outputRowStep, pixelStep: geometry.channels)
  }
  private var inputCount: Int { input.shape.height * geometry.inputRowStep }
  private var outputCount: Int { geometry.outputRows * geometry.outputRowStep }
  /// Without a border: winners and gradients.
  private var dense: StoredMap { StoredMap(outputGradient.shape) }

  private var storedInput: [Float] {
    var floats = [Float](repeating: 0, count: inputCount)
    for (place, value) in zip(inputPlaces, input.values) { floats[place] = Float(value) }
    return floats
  }

  func maximum() -> KernelTrial {
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(storedInput)
    let target = memory.reserve(outputCount)
    let winners = memory.reserve(dense.count)
    var trial = unsafe KernelTrial("maxPool", memory: memory) { [geometry] kernels, memory in
      unsafe kernels.maxPool(
        geometry, input: memory + source, output: memory + target, winners: memory + winners)
    }
    trial.promise(
      exactly: ReferenceMaxPooling(window: window).forward(input).values,
      at: outputPlaces.map { target + $0 })
    trial.promise(
      exactly: Winners.places(in: input, window: window, for: geometry),
      at: dense.places.map { winners + $0 })
    return trial
  }

  func mean() -> KernelTrial {
    let layer = ReferenceAveragePooling<Double>(window: window)
    let absolute = ReferenceTensor(shape: input.shape, values: input.values.map(abs))
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(storedInput)
    let target = memory.reserve(outputCount)
    var trial = unsafe KernelTrial("averagePool", memory: memory) { [geometry] kernels, memory in
      unsafe kernels.averagePool(geometry, input: memory + source, output: memory + target)
    }
    // The additions, the factor 1 / k² and the product with it.
    let roundings = window.height * window.width + 1
    trial.promise(
      layer.forward(input).values, at: outputPlaces.map { target + $0 },
      magnitudes: layer.forward(absolute).values, roundings: (roundings, roundings))
    return trial
  }

  func maximumGradient() -> KernelTrial {
    unsafe gradient(ReferenceMaxPooling<Double>(window: window), roundings: windowsAnInput - 1) {
      [geometry] kernels, gradient, winners, target in
      unsafe kernels.maxPoolGradient(
        geometry, outputGradient: gradient, winners: winners, inputGradient: target)
    }
  }

  func meanGradient() -> KernelTrial {
    unsafe gradient(ReferenceAveragePooling<Double>(window: window), roundings: windowsAnInput + 1)
    {
      [geometry] kernels, gradient, _, target in
      unsafe kernels.averagePoolGradient(geometry, outputGradient: gradient, inputGradient: target)
    }
  }

  private var windowsAnInput: Int {
    let along = (geometry.kernelSize + geometry.stride - 1) / geometry.stride
    return along * along
  }

  private func gradient(
    _ layer: some ReferenceLayer<Double>, roundings: Int,
    call:
      @escaping @Sendable (any KernelSet, FloatPointer, FloatPointer, MutableFloatPointer) -> Void
  ) -> KernelTrial {
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(dense.stored(outputGradient.values))
    let winners = memory.place(
      dense.stored(Winners.places(in: input, window: window, for: geometry)))
    let target = memory.reserve(inputCount)
    var trial = unsafe KernelTrial("pooling gradient", memory: memory) { kernels, memory in
      unsafe call(kernels, memory + source, memory + winners, memory + target)
    }
    let absolute = ReferenceTensor(
      shape: outputGradient.shape, values: outputGradient.values.map(abs))
    let reached = isReached
    let kept = reached.indices.filter { reached[$0] }
    let places = inputPlaces
    let expected = layer.backward(
      input: input, output: outputGradient, outputGradient: outputGradient
    ).input.values
    let sizes = layer.backward(input: input, output: absolute, outputGradient: absolute)
      .input.values
    trial.promise(
      kept.map { expected[$0] }, at: kept.map { target + places[$0] },
      magnitudes: kept.map { sizes[$0] }, roundings: (roundings, roundings))
    return trial
  }

  /// Whether a window reaches an input: there may be gaps between them.
  private var isReached: [Bool] {
    (0..<input.values.count).map { index in
      let place = index % (input.shape.height * input.shape.width)
      return place / input.shape.width % geometry.stride < geometry.kernelSize
        && place % input.shape.width % geometry.stride < geometry.kernelSize
    }
  }
}
