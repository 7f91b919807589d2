import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of the gradients that are made from lists: of two samples that share their lists.
enum ListedGradientTrials {
  /// Every size of window with every stride; overlapping ones may have their winner in common.
  static let all: [KernelTrial] = (0..<96).map { index in
    trial(size: 1 + index / 4 % 4, stride: 1 + index % 4, seed: 2000 + UInt64(index))
  }

  private static func trial(size: Int, stride: Int, seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let pooled = (rows: generator.integer(in: 1...3), columns: generator.integer(in: 1...4))
    let sample = ConvolutionCase(
      seed: seed,
      output: (
        rows: (pooled.rows - 1) * stride + size, columns: (pooled.columns - 1) * stride + size
      ))
    let wantsInputGradient = sample.inputMap.channels % 8 == 0
    let gradients = (0..<2).map { _ in
      PooledGradients(
        window: (size, stride), rows: pooled.rows, columns: pooled.columns,
        filters: sample.outputShape.channels, generator: &generator)
    }
    let expected = gradients.map { reference(sample, (sample.layer, sample.input), $0.spread()) }
    let sizes = gradients.map { reference(sample, sample.magnitudes, $0.spread(abs)) }

    let filters = sample.filters.panels.columns
    let geometry = sample.geometry(rowStep: 0, columnStep: 0)
    let pooling = {
      var pooling = PoolingGeometry(
        kernelSize: size, stride: stride, outputRows: pooled.rows, outputColumns: pooled.columns,
        channels: filters, inputRowStep: 0, outputRowStep: pooled.columns * filters)
      pooling.winnerRowStep = geometry.inputRowStep
      pooling.winnerColumnStep = geometry.inputColumnStep
      return pooling
    }()
    let capacity = 2 * pooled.rows * pooled.columns + 1
    let accumulates = generator.chance(of: 0.5)
    let layout = sample.filters.filterMajor

    var memory = GuardedMemory()
    let map = sample.inputMap
    let stored = map.stored(sample.input.values)
    let input = memory.place(stored + stored)
    let outputGradients = gradients.map { memory.place($0.storedValues(filters: filters)) }
    let winners = gradients.map { memory.place($0.storedWinners(pooling)) }
    let listCount = GradientLists.count(filters: filters, capacity: capacity)
    let lists = memory.reserve(listCount)
    var weights = Array(repeating: Float(0), count: layout.count)
    for (place, weight) in zip(sample.filters.filterMajorPlaces, sample.layer.weights) {
      weights[place] = Float(weight)
    }
    let weightsPlace = memory.place(weights)
    let before = generator.values(count: layout.count)
    let weightGradient = accumulates ? memory.place(before) : memory.reserve(layout.count)
    let inputGradient = memory.reserve(2 * map.count)

    var trial = KernelTrial(
      "listed gradients, window \(size), stride \(stride), accumulates \(accumulates), over "
        + sample.description, memory: memory
    ) { kernels, memory in
      let lists = GradientLists(pointer: memory + lists, capacity: capacity)
      for sample in 0..<2 {
        kernels.listPooledGradients(
          geometry, pooling: pooling, outputGradient: memory + outputGradients[sample],
          winners: memory + winners[sample], offset: sample * map.count + map.paddedStart,
          lists: lists, empty: sample == 0)
      }
      kernels.listedWeightGradient(
        geometry, lists: lists, input: memory + input, weightGradient: memory + weightGradient,
        accumulates: accumulates)
      if wantsInputGradient {
        kernels.listedInputGradient(
          geometry, lists: lists, weights: memory + weightsPlace,
          inputGradient: memory + inputGradient, count: 2 * map.count)
      }
    }

    let places = sample.filters.filterMajorPlaces
    let old = places.map { accumulates ? before[$0] : 0 }
    let addends = 2 * pooled.rows * pooled.columns
    trial.promise(
      old.indices.map { old[$0] + expected[0].weights[$0] + expected[1].weights[$0] },
      at: places.map { weightGradient + $0 },
      magnitudes: old.indices.map { abs(old[$0]) + sizes[0].weights[$0] + sizes[1].weights[$0] },
      roundings: (fused: addends, separate: addends + 1))
    let isWeight = Set(places)
    trial.scratch =
      Array(lists..<lists + listCount)
      + (0..<layout.count).filter { !isWeight.contains($0) }.map { weightGradient + $0 }
    guard wantsInputGradient else { return trial }
    let reaches = pooled.rows * pooled.columns * sample.outputShape.channels
    for index in 0..<2 {
      let start = inputGradient + index * map.count
      trial.promise(
        expected[index].input.values, at: map.places.map { start + $0 },
        magnitudes: sizes[index].input.values,
        roundings: (fused: reaches, separate: reaches + 1))
      trial.promiseZeros(at: map.addedPlaces.map { start + $0 })
    }
    trial.scratch += Array(inputGradient..<inputGradient + 2 * map.count)
    return trial
  }

  private static func reference(
    _ sample: ConvolutionCase,
    _ numbers: (layer: ReferenceConvolution<Double>, input: ReferenceTensor<Double>),
    _ gradient: [Double]
  ) -> ReferenceGradients<Double> {
    let gradient = ReferenceTensor(shape: sample.outputShape, values: gradient)
    return numbers.layer.backward(
      input: numbers.input, output: gradient, outputGradient: gradient)
  }
}
