import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of the kernels that make a convolution's gradients from lists of pooled outputs.
struct ListedGradientTrial {
  private let geometry: ConvolutionGeometry
  private let pooling: PoolingGeometry
  private let convolution: ConvolutionTrial
  /// All samples have the same input.
  private let gradients: [PooledGradients]
  private let lists: StoredGradientLists
  /// Floats of a sample's input.
  private let mapStep: Int

  /// - Parameter share: of the windows, how many have a gradient that is not zero.
  init(
    _ geometry: ConvolutionGeometry, _ windows: ListedWindows, mapStep: Int? = nil, share: Double,
    _ generator: inout SeededGenerator
  ) {
    let pooling = windows.pooling
    // What is too little for a window has no gradient.
    var pooled = geometry
    pooled.outputRows = (pooling.outputRows - 1) * pooling.stride + pooling.kernelSize
    pooled.outputColumns = (pooling.outputColumns - 1) * pooling.stride + pooling.kernelSize
    let count = mapStep ?? geometry.inputRows * geometry.kernelRowStep
    self.geometry = geometry
    self.pooling = pooling
    self.mapStep = count
    convolution = ConvolutionTrial(pooled, &generator)
    gradients = (0..<windows.samples).map { _ in
      PooledGradients(
        window: (pooling.kernelSize, pooling.stride), rows: pooling.outputRows,
        columns: pooling.outputColumns, filters: pooling.channels, share: share,
        generator: &generator)
    }
    lists = StoredGradientLists(gradients, pooling, mapStep: count)
  }

  /// Lists the first sample.
  func listing() -> KernelTrial {
    var memory = GuardedMemory(isAligned: true)
    let values = memory.place(gradients[0].storedValues(filters: pooling.channels))
    let winners = memory.place(gradients[0].storedWinners(pooling))
    let target = memory.reserve(lists.count)
    var trial = unsafe KernelTrial("listPooledGradients", memory: memory) {
      [geometry, pooling, capacity = lists.capacity] kernels, memory in
      unsafe kernels.listPooledGradients(
        geometry, pooling: pooling, outputGradient: memory + values, winners: memory + winners,
        offset: 0, lists: GradientLists(pointer: memory + target, capacity: capacity),
        empty: true)
    }
    for (place, float) in lists.floats.enumerated() {
      if let float {
        trial.promise(exactly: [Double(float)], at: [target + place])
      } else {
        trial.scratch.append(target + place)
      }
    }
    return trial
  }

  func weightGradient() -> KernelTrial {
    let layout = geometry.filters
    var memory = GuardedMemory(isAligned: true)
    let map = convolution.storedInput
    let input = memory.place(
      (gradients.indices).flatMap { _ in
        map + Array(repeating: 0, count: max(0, mapStep - map.count))
      })
    let source = memory.place(lists.floats.map { $0 ?? 0 })
    let target = memory.reserve(layout.count)
    var trial = unsafe KernelTrial("listedWeightGradient", memory: memory) {
      [geometry, capacity = lists.capacity] kernels, memory in
      unsafe kernels.listedWeightGradient(
        geometry, lists: GradientLists(pointer: memory + source, capacity: capacity),
        input: memory + input, weightGradient: memory + target, accumulates: false)
    }
    // Of one input, the sum over samples is the gradient of their sum.
    let reference = convolution.gradients(sum { $0 }, magnitudes: sum(abs))
    let places = convolution.filters.filterMajorPlaces
    let addends = gradients.count * pooling.outputRows * pooling.outputColumns
    trial.promise(
      reference.expected.weights, at: places.map { target + $0 },
      magnitudes: reference.magnitudes.weights, roundings: (addends, addends + 1))
    let promised = Set(places)
    trial.scratch = (0..<layout.count).filter { !promised.contains($0) }.map { target + $0 }
    return trial
  }

  func inputGradient(count: Int) -> KernelTrial {
    let layout = geometry.filters
    var weights = [Float](repeating: 0, count: layout.count)
    for (place, weight) in zip(convolution.filters.filterMajorPlaces, convolution.layer.weights) {
      weights[place] = Float(weight)
    }
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(lists.floats.map { $0 ?? 0 })
    let weightsPlace = memory.place(weights)
    let target = memory.reserve(count)
    var trial = unsafe KernelTrial("listedInputGradient", memory: memory) {
      [geometry, capacity = lists.capacity] kernels, memory in
      unsafe kernels.listedInputGradient(
        geometry, lists: GradientLists(pointer: memory + source, capacity: capacity),
        weights: memory + weightsPlace, inputGradient: memory + target, count: count)
    }
    let reaches = pooling.outputCount
    var isReached = [Bool](repeating: false, count: count)
    for (sample, gradients) in gradients.enumerated() {
      let reference = convolution.gradients(
        gradients.spread(), magnitudes: gradients.spread(abs))
      let places = convolution.inputPlaces.map { sample * mapStep + $0 }
      for place in places { isReached[place] = true }
      trial.promise(
        reference.expected.input.values, at: places.map { target + $0 },
        magnitudes: reference.magnitudes.input.values, roundings: (reaches, reaches + 1))
    }
    trial.promiseZeros(at: isReached.indices.filter { !isReached[$0] }.map { target + $0 })
    return trial
  }

  private func sum(_ function: (Double) -> Double) -> [Double] {
    gradients.dropFirst().reduce(gradients[0].spread(function)) { sum, next in
      zip(sum, next.spread(function)).map { $0 + $1 }
    }
  }
}
