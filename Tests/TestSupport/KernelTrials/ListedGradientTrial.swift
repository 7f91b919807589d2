import ConvoyKernelInterface
import ConvoyReference

/// Trials of the kernels that make a convolution's gradients from lists of pooled outputs. All samples
/// have the same input.
struct ListedGradientTrial {
  private let name: String
  private let geometry: ConvolutionGeometry
  private let pooling: PoolingGeometry
  private let conditions: TrialConditions
  private let convolution: ConvolutionTrial
  private let gradients: [PooledGradients]
  private let lists: StoredGradientLists
  /// Floats of a sample's input.
  private let mapStep: Int

  init(
    _ name: String, _ geometry: ConvolutionGeometry, _ windows: ListedWindows,
    _ conditions: TrialConditions, mapStep: Int? = nil
  ) {
    let pooling = windows.pooling
    // What is too little for a window has no gradient.
    var pooled = geometry
    pooled.outputRows = (pooling.outputRows - 1) * pooling.rowStride + pooling.kernelRows
    pooled.outputColumns =
      (pooling.outputColumns - 1) * pooling.columnStride + pooling.kernelColumns
    var generator = conditions.generator(part: 1)
    self.name = name
    self.geometry = geometry
    self.pooling = pooling
    self.conditions = conditions
    self.mapStep = mapStep ?? geometry.inputRows * geometry.kernelRowStep
    convolution = ConvolutionTrial(name, pooled, conditions)
    gradients = (0..<windows.samples).map { [filters = convolution.filters.filters] _ in
      PooledGradients(
        window: ReferenceWindow(pooling),
        rows: pooling.outputRows,
        columns: pooling.outputColumns, filters: filters, share: conditions.listedShare,
        generator: &generator)
    }
    lists = StoredGradientLists(
      gradients, pooling, filters: geometry.outputChannels, mapStep: self.mapStep)
  }

  /// Lists one sample after another.
  func listing() -> KernelTrial {
    var memory = conditions.memory()
    let values = gradients.map { memory.place($0.storedValues(filters: pooling.channels)) }
    let winners = gradients.map { memory.place($0.storedWinners(pooling)) }
    let target = memory.reserve(lists.count)
    var trial = KernelTrial(name, memory: memory) {
      [geometry, pooling, mapStep, capacity = lists.capacity] kernels, memory in
      for sample in values.indices {
        kernels.listPooledGradients(
          geometry, pooling: pooling, outputGradient: memory + values[sample],
          winners: memory + winners[sample], offset: sample * mapStep,
          lists: GradientLists(pointer: memory + target, capacity: capacity), empty: sample == 0)
      }
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

  func weightGradient(accumulates: Bool) -> KernelTrial {
    var generator = conditions.generator(part: 2)
    let filters = convolution.filters
    let before =
      accumulates
      ? generator.values(count: convolution.layer.weights.count)
      : convolution.layer.weights.map { _ in 0 }
    let map = convolution.storedInput
    var memory = conditions.memory()
    let gap = Array(repeating: GuardedMemory.notANumber, count: mapStep - map.count)
    let input = memory.place(gradients.flatMap { _ in map + gap })
    let source = memory.place(lists.floats.map { $0 ?? GuardedMemory.notANumber })
    let target =
      accumulates
      ? memory.place(filters.filterMajorStored(before))
      : memory.reserve(filters.filterMajor.count)
    var trial = KernelTrial(name, memory: memory) {
      [geometry, capacity = lists.capacity] kernels, memory in
      kernels.listedWeightGradient(
        geometry, lists: GradientLists(pointer: memory + source, capacity: capacity),
        input: memory + input, weightGradient: memory + target, accumulates: accumulates)
    }
    // Of one input, the sum over samples is the gradient of their sum.
    let reference = convolution.gradients(sum { $0 }, magnitudes: sum(abs))
    let addends = gradients.count * pooling.outputRows * pooling.outputColumns
    trial.promise(
      zip(before, reference.expected.weights).map { $0 + $1 },
      at: filters.filterMajorPlaces.map { target + $0 },
      magnitudes: zip(before, reference.magnitudes.weights).map { abs($0) + $1 },
      roundings: (fused: addends, separate: addends + 1))
    let added = filters.filterMajorAddedPlaces
    trial.promiseZeros(at: added.map { target + $0 })
    let promised = Set(filters.filterMajorPlaces + added)
    trial.scratch = (0..<filters.filterMajor.count).filter { !promised.contains($0) }
      .map { target + $0 }
    return trial
  }

  func inputGradient(count: Int) -> KernelTrial {
    let filters = convolution.filters
    var memory = conditions.memory()
    let source = memory.place(lists.floats.map { $0 ?? GuardedMemory.notANumber })
    let weights = memory.place(filters.filterMajorStored(convolution.layer.weights))
    let target = memory.reserve(count)
    var trial = KernelTrial(name, memory: memory) {
      [geometry, capacity = lists.capacity] kernels, memory in
      kernels.listedInputGradient(
        geometry, lists: GradientLists(pointer: memory + source, capacity: capacity),
        weights: memory + weights, inputGradient: memory + target, count: count)
    }
    let reaches = pooling.outputRows * pooling.outputColumns * filters.filters
    var isReached = [Bool](repeating: false, count: count)
    for (sample, gradients) in gradients.enumerated() {
      let reference = convolution.gradients(
        gradients.spread(), magnitudes: gradients.spread(abs))
      let places = convolution.inputMap.places.map { sample * mapStep + $0 }
      for place in places { isReached[place] = true }
      trial.promise(
        reference.expected.input.values, at: places.map { target + $0 },
        magnitudes: reference.magnitudes.input.values,
        roundings: (fused: reaches, separate: reaches + 1))
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
