import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of the poolings and their gradients.
enum PoolingTrials {
  /// Every size of window with every stride, twice.
  static let all: [KernelTrial] = (0..<60).flatMap { index in
    let (size, stride, seed) = (1 + index / 6 % 5, 1 + index % 6, 500 + UInt64(index))
    let tied = PoolingCase(size: size, stride: stride, seed: seed, ties: true)
    let uniform = PoolingCase(size: size, stride: stride, seed: seed, ties: false)
    return [maximum(tied), maximumGradient(tied), mean(uniform), meanGradient(uniform)]
  }

  private static func maximum(_ sample: PoolingCase) -> KernelTrial {
    var memory = GuardedMemory()
    let input = memory.place(sample.inputMap.stored(sample.input.values))
    let output = memory.reserve(sample.outputMap.count)
    let winners = memory.reserve(sample.denseMap.count)
    let geometry = sample.geometry
    let (source, target) = (input + sample.inputMap.start, output + sample.outputMap.start)
    var trial = KernelTrial("maxPool, \(sample.description)", memory: memory) { kernels, memory in
      kernels.maxPool(
        geometry, input: memory + source, output: memory + target, winners: memory + winners)
    }
    trial.promise(
      exactly: ReferenceMaxPooling(window: sample.window).forward(sample.input).values,
      at: sample.outputMap.places.map { output + $0 })
    trial.promiseZeros(at: sample.outputMap.addedPlaces.map { output + $0 })
    trial.promise(
      exactly: Winners.places(
        in: sample.input, window: sample.window, for: sample.geometry),
      at: sample.denseMap.places.map { winners + $0 })
    trial.promiseZeros(at: sample.denseMap.addedPlaces.map { winners + $0 })
    return trial
  }

  private static func maximumGradient(_ sample: PoolingCase) -> KernelTrial {
    let layer = ReferenceMaxPooling<Double>(window: sample.window)
    let winners = Winners.places(
      in: sample.input, window: sample.window, for: sample.geometry)
    return gradient(
      "maxPoolGradient", sample, layer, winners: winners, roundings: sample.windowsAnInput - 1
    ) { kernels, geometry, gradient, winners, result in
      kernels.maxPoolGradient(
        geometry, outputGradient: gradient, winners: winners, inputGradient: result)
    }
  }

  private static func mean(_ sample: PoolingCase) -> KernelTrial {
    let layer = ReferenceAveragePooling<Double>(window: sample.window)
    let absolute = ReferenceTensor(shape: sample.input.shape, values: sample.input.values.map(abs))
    var memory = GuardedMemory()
    let input = memory.place(sample.inputMap.stored(sample.input.values))
    let output = memory.reserve(sample.outputMap.count)
    let geometry = sample.geometry
    let (source, target) = (input + sample.inputMap.start, output + sample.outputMap.start)
    var trial = KernelTrial("averagePool, \(sample.description)", memory: memory) {
      kernels, memory in
      kernels.averagePool(geometry, input: memory + source, output: memory + target)
    }
    // The additions, the factor 1 / k² and the product with it.
    let roundings = sample.window.height * sample.window.width + 1
    trial.promise(
      layer.forward(sample.input).values, at: sample.outputMap.places.map { output + $0 },
      magnitudes: layer.forward(absolute).values, roundings: (roundings, roundings))
    trial.promiseZeros(at: sample.outputMap.addedPlaces.map { output + $0 })
    return trial
  }

  private static func meanGradient(_ sample: PoolingCase) -> KernelTrial {
    let layer = ReferenceAveragePooling<Double>(window: sample.window)
    return gradient(
      "averagePoolGradient", sample, layer, winners: [], roundings: sample.windowsAnInput + 1
    ) { kernels, geometry, gradient, _, result in
      kernels.averagePoolGradient(geometry, outputGradient: gradient, inputGradient: result)
    }
  }

  private static func gradient(
    _ name: String, _ sample: PoolingCase, _ layer: some ReferenceLayer<Double>,
    winners: [Double], roundings: Int,
    call:
      @escaping @Sendable (
        any KernelSet, PoolingGeometry, FloatPointer, FloatPointer, MutableFloatPointer
      ) -> Void
  ) -> KernelTrial {
    var memory = GuardedMemory()
    let gradient = memory.place(sample.denseMap.stored(sample.outputGradient.values))
    let winnersPlace = memory.place(sample.denseMap.stored(winners))
    let result = memory.reserve(sample.inputMap.count)
    let geometry = sample.geometry
    let target = result + sample.inputMap.start
    var trial = KernelTrial("\(name), \(sample.description)", memory: memory) { kernels, memory in
      call(kernels, geometry, memory + gradient, memory + winnersPlace, memory + target)
    }
    let expected = inputGradient(layer, sample, sample.outputGradient.values)
    let sizes = inputGradient(layer, sample, sample.outputGradient.values.map(abs))
    // Inputs between windows are nobody's: they are promised nothing and must stay as they are.
    let reached = sample.reached(added: false)
    let indices = reached.indices.filter { reached[$0] }
    let places = sample.inputMap.places
    trial.promise(
      indices.map { expected[$0] }, at: indices.map { result + places[$0] },
      magnitudes: indices.map { sizes[$0] }, roundings: (roundings, roundings))
    trial.promiseZeros(
      at: zip(sample.inputMap.addedPlaces, sample.reached(added: true))
        .filter(\.1).map { result + $0.0 })
    return trial
  }

  private static func inputGradient(
    _ layer: some ReferenceLayer<Double>, _ sample: PoolingCase, _ gradient: [Double]
  ) -> [Double] {
    layer.backward(
      input: sample.input, output: sample.outputGradient,
      outputGradient: ReferenceTensor(shape: sample.outputGradient.shape, values: gradient)
    ).input.values
  }
}
