import ConvoyKernelInterface
import ConvoyReference

extension ConvolutionTrial {
  /// The convolution, max pooling and activation in one stage. The sums must be exact: winners are
  /// compared with the reference's.
  func pooled(_ pooling: PoolingGeometry, _ activation: ActivationFunction) -> KernelTrial {
    let window = ReferenceWindow(pooling)
    let convolved = layer.forward(input)
    let maxima = ReferenceMaxPooling(window: window).forward(convolved)
    let map = StoredMap(
      maxima.shape, channels: pooling.channels, rowStep: pooling.outputRowStep)
    let winnersMap = StoredMap(maxima.shape, channels: pooling.channels)
    var memory = conditions.memory()
    let source = memory.place(storedInput)
    let weights = memory.place(filters.stored(layer.weights))
    let biases = memory.place(storedBiases)
    let bandCount = (pooling.overlaps ? output.height : pooling.kernelRows) * geometry.outputRowStep
    let band = memory.reserve(bandCount)
    let target = memory.reserve(map.count)
    let winners = memory.reserve(winnersMap.count)
    var trial = KernelTrial(name, memory: memory) { [geometry] kernels, memory in
      kernels.convolveAndMaxPool(
        geometry, pooling: pooling, activation: activation, input: memory + source,
        weights: memory + weights, bias: memory + biases, band: memory + band,
        output: memory + target, winners: memory + winners)
    }
    trial.scratch = Array(band..<band + bandCount)
    trial.promise(
      Activation.reference(activation).forward(maxima).values,
      at: map.places.map { target + $0 },
      within: maxima.values.map { Activation.bound(activation, of: $0) })
    let added = activation == .sigmoid ? 0.5 : 0
    trial.promise(
      exactly: map.addedPlaces.map { _ in added }, at: map.addedPlaces.map { target + $0 })
    trial.promise(
      exactly: Winners.places(in: convolved, window: window, for: pooling),
      at: winnersMap.places.map { winners + $0 })
    trial.promiseZeros(at: winnersMap.addedPlaces.map { winners + $0 })
    return trial
  }
}
