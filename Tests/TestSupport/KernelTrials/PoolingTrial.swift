import ConvoyKernelInterface
import ConvoyReference

/// A pooling with random numbers: what its kernels are tried on.
struct PoolingTrial {
  private let name: String
  private let geometry: PoolingGeometry
  private let conditions: TrialConditions
  private let window: ReferenceWindow
  private let input: ReferenceTensor<Double>
  private let outputGradient: ReferenceTensor<Double>
  private let inputMap: StoredMap
  private let outputMap: StoredMap
  /// Without a border: winners and gradients.
  private let denseMap: StoredMap

  /// - Parameter ties: whole numbers, many of them equal, and blank regions.
  init(
    _ name: String, _ geometry: PoolingGeometry, _ conditions: TrialConditions, ties: Bool = false
  ) {
    self.name = name
    self.geometry = geometry
    self.conditions = conditions
    window = ReferenceWindow(geometry)
    let channels = conditions.outputChannels ?? geometry.channels
    let shape = ReferenceShape(
      channels: channels, height: (geometry.outputRows - 1) * geometry.rowStride + window.height,
      width: (geometry.outputColumns - 1) * geometry.columnStride + window.width)
    let output = ReferenceShape(
      channels: channels, height: geometry.outputRows, width: geometry.outputColumns)
    inputMap = StoredMap(shape, channels: geometry.channels, rowStep: geometry.inputRowStep)
    outputMap = StoredMap(output, channels: geometry.channels, rowStep: geometry.outputRowStep)
    denseMap = StoredMap(output, channels: geometry.channels)

    var generator = conditions.generator()
    var values =
      ties
      ? generator.gridValues(count: shape.count, in: -2...2)
      : generator.values(count: shape.count)
    if ties {
      // Negative blanks beside them, so that a maximum that starts from zero shows.
      for index in values.indices where index / 11 % 3 == 0 { values[index] = -1 }
    }
    input = ReferenceTensor(shape: shape, values: values)
    outputGradient = ReferenceTensor(
      shape: output, values: generator.values(count: output.count))
  }

  private var winners: [Double] { Winners.places(in: input, window: window, for: geometry) }

  func maximum() -> KernelTrial {
    var memory = conditions.memory()
    let source = memory.place(inputMap.stored(input.values))
    let target = memory.reserve(outputMap.count)
    let winnersPlace = memory.reserve(denseMap.count)
    var trial = KernelTrial(name, memory: memory) { [geometry] kernels, memory in
      kernels.maxPool(
        geometry, input: memory + source, output: memory + target, winners: memory + winnersPlace)
    }
    trial.promise(
      exactly: ReferenceMaxPooling(window: window).forward(input).values,
      at: outputMap.places.map { target + $0 })
    trial.promiseZeros(at: outputMap.addedPlaces.map { target + $0 })
    trial.promise(exactly: winners, at: denseMap.places.map { winnersPlace + $0 })
    trial.promiseZeros(at: denseMap.addedPlaces.map { winnersPlace + $0 })
    return trial
  }

  func mean() -> KernelTrial {
    let layer = ReferenceAveragePooling<Double>(window: window)
    var memory = conditions.memory()
    let source = memory.place(inputMap.stored(input.values))
    let target = memory.reserve(outputMap.count)
    var trial = KernelTrial(name, memory: memory) { [geometry] kernels, memory in
      kernels.averagePool(geometry, input: memory + source, output: memory + target)
    }
    // The additions, the factor 1 / k² and the product with it.
    let roundings = window.height * window.width + 1
    trial.promise(
      layer.forward(input).values, at: outputMap.places.map { target + $0 },
      magnitudes: layer.forward(input.absolute).values, roundings: (roundings, roundings))
    trial.promiseZeros(at: outputMap.addedPlaces.map { target + $0 })
    return trial
  }

  func maximumGradient() -> KernelTrial {
    gradient(ReferenceMaxPooling<Double>(window: window), roundings: windowsAnInput - 1) {
      [geometry] kernels, gradient, winners, target in
      kernels.maxPoolGradient(
        geometry, outputGradient: gradient, winners: winners, inputGradient: target)
    }
  }

  func meanGradient() -> KernelTrial {
    gradient(ReferenceAveragePooling<Double>(window: window), roundings: windowsAnInput + 1) {
      [geometry] kernels, gradient, _, target in
      kernels.averagePoolGradient(geometry, outputGradient: gradient, inputGradient: target)
    }
  }

  /// Windows that an input may belong to.
  private var windowsAnInput: Int {
    func along(_ size: Int, _ stride: Int) -> Int { (size + stride - 1) / stride }
    return along(geometry.kernelRows, geometry.rowStride)
      * along(geometry.kernelColumns, geometry.columnStride)
  }

  private func gradient(
    _ layer: some ReferenceLayer<Double>, roundings: Int,
    call:
      @escaping @Sendable (any KernelSet, FloatPointer, FloatPointer, MutableFloatPointer) -> Void
  ) -> KernelTrial {
    var memory = conditions.memory()
    let source = memory.place(denseMap.stored(outputGradient.values))
    let winnersPlace = memory.place(denseMap.stored(winners))
    let target = memory.reserve(inputMap.count)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      call(kernels, memory + source, memory + winnersPlace, memory + target)
    }
    let absolute = outputGradient.absolute
    let expected = layer.backward(
      input: input, output: outputGradient, outputGradient: outputGradient
    ).input.values
    let sizes = layer.backward(input: input, output: absolute, outputGradient: absolute)
      .input.values
    // Inputs between windows are nobody's: they are promised nothing and must stay as they are.
    let places = inputMap.places
    let reached = places.indices.filter(isReached)
    trial.promise(
      reached.map { expected[$0] }, at: reached.map { target + places[$0] },
      magnitudes: reached.map { sizes[$0] }, roundings: (roundings, roundings))
    let added = inputMap.addedPlaces
    trial.promiseZeros(at: added.indices.filter(isReached).map { target + added[$0] })
    return trial
  }

  /// Whether a window reaches an input, or it is cleared with what overlapping windows reach, counted by channel, row, column.
  private func isReached(_ index: Int) -> Bool {
    let (height, width) = (input.shape.height, input.shape.width)
    return geometry.overlaps
      || (index / width % height % geometry.rowStride < geometry.kernelRows
        && index % width % geometry.columnStride < geometry.kernelColumns)
  }
}

extension ReferenceWindow {
  init(_ pooling: PoolingGeometry) {
    self.init(
      height: pooling.kernelRows, width: pooling.kernelColumns,
      down: Steps(stride: pooling.rowStride), across: Steps(stride: pooling.columnStride))
  }
}
