import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of `weightGradient` and `sumRows`: the gradients of a layer's parameters.
enum WeightGradientTrials {
  static let all: [KernelTrial] =
    (300..<400).map { seed in
      weights(ConvolutionCase(seed: seed), seed: seed, accumulates: seed % 2 == 0)
    } + (400..<416).map { rowSums(seed: $0) }

  private static func weights(
    _ sample: ConvolutionCase, seed: UInt64, accumulates: Bool
  ) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let (layer, large) = (sample.layer, sample.magnitudes)
    let gradient = ReferenceTensor(
      shape: sample.outputShape, values: generator.values(count: sample.outputShape.count))
    let expected = layer.backward(
      input: sample.input, output: gradient, outputGradient: gradient)
    let sizes = large.layer.backward(
      input: large.input, output: gradient,
      outputGradient: ReferenceTensor(
        shape: gradient.shape, values: gradient.values.map(abs)))
    let before =
      accumulates
      ? generator.values(count: layer.weights.count) : layer.weights.map { _ in 0 }
    let map = StoredMap(sample.outputShape, margin: generator.integer(in: 0...2))

    var memory = GuardedMemory()
    let input = memory.place(sample.inputMap.stored(sample.input.values))
    let outputGradient = memory.place(map.stored(gradient.values))
    let result =
      accumulates
      ? memory.place(sample.filters.stored(before))
      : memory.reserve(sample.filters.panels.count)
    let geometry = sample.geometry(rowStep: map.rowStep, columnStep: map.columnStep)
    let (source, target) = (input + sample.inputMap.paddedStart, outputGradient + map.start)
    var trial = KernelTrial(
      "weightGradient, accumulates \(accumulates), \(sample.description)", memory: memory
    ) { kernels, memory in
      kernels.weightGradient(
        geometry, input: memory + source, outputGradient: memory + target,
        weightGradient: memory + result, accumulates: accumulates)
    }
    let positions = sample.outputShape.height * sample.outputShape.width
    trial.promise(
      zip(before, expected.weights).map { $0 + $1 },
      at: sample.filters.places.map { result + $0 },
      magnitudes: zip(before, sizes.weights).map { abs($0) + $1 },
      roundings: (fused: positions, separate: positions + 1))
    trial.promiseZeros(at: sample.filters.addedPlaces.map { result + $0 })
    return trial
  }

  private static func rowSums(seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let rows = generator.integer(in: 1...35)
    let columns = generator.pick([8, 16, 24, 40])
    let step = columns + generator.pick([0, 8])
    let accumulates = generator.chance(of: 0.5)
    let values = (0..<rows).map { _ in generator.values(count: columns) }
    let before = generator.values(count: columns)

    var memory = GuardedMemory()
    let input = memory.placeRows(values.flatMap(\.self), count: columns, step: step)
    let sums = accumulates ? memory.place(before) : memory.reserve(columns)
    var trial = KernelTrial(
      "sumRows, seed \(seed): \(rows) × \(columns), accumulates \(accumulates)", memory: memory
    ) { kernels, memory in
      kernels.sumRows(
        rows, columns: columns, step: step, values: memory + input, sums: memory + sums,
        accumulates: accumulates)
    }
    let addends = (accumulates ? [before] : []) + values
    trial.promise(
      (0..<columns).map { column in addends.reduce(0) { $0 + $1[column] } },
      at: Array(sums..<sums + columns),
      magnitudes: (0..<columns).map { column in addends.reduce(0) { $0 + abs($1[column]) } },
      roundings: (fused: addends.count - 1, separate: addends.count - 1))
    return trial
  }
}
