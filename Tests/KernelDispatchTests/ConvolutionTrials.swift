import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of `convolve`.
enum ConvolutionTrials {
  /// All numbers of output columns that tiles are made of, then shapes at random.
  static let all: [KernelTrial] =
    (1...33).map { columns in
      convolution(
        ConvolutionCase(seed: UInt64(columns), output: (rows: 1 + columns % 3, columns: columns)),
        seed: UInt64(columns))
    }
    + (100..<140).map { convolution(ConvolutionCase(seed: $0), seed: $0) }
    + (1...33).map { dense(seed: 200 + UInt64($0), samples: $0) }

  private static func convolution(_ sample: ConvolutionCase, seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let hasBias = generator.chance(of: 0.7)
    var (layer, large) = (sample.layer, sample.magnitudes)
    if !hasBias {
      layer.biases = layer.biases.map { _ in 0 }
      large.layer.biases = layer.biases
    }
    // The gradient of a strided convolution's input is written with gaps between its pixels.
    let map = StoredMap(
      sample.outputShape, margin: generator.integer(in: 0...1),
      spacing: generator.pick([1, 1, 2, 3]))

    var memory = GuardedMemory()
    let input = memory.place(sample.inputMap.stored(sample.input.values))
    let weights = memory.place(sample.filters.stored(layer.weights))
    let biases = memory.place(sample.storedBiases)
    let output = memory.reserve(map.count)
    let geometry = sample.geometry(rowStep: map.rowStep, columnStep: map.columnStep)
    let (source, target) = (input + sample.inputMap.paddedStart, output + map.start)
    var trial = KernelTrial("convolve, \(sample.description)", memory: memory) {
      kernels, memory in
      kernels.convolve(
        geometry, input: memory + source, weights: memory + weights,
        bias: hasBias ? FloatPointer(memory + biases) : nil, output: memory + target)
    }
    trial.promise(
      layer.forward(sample.input).values, at: map.places.map { output + $0 },
      magnitudes: large.layer.forward(large.input).values,
      roundings: (fused: sample.taps, separate: sample.taps + 1))
    trial.promiseZeros(at: map.addedPlaces.map { output + $0 })
    return trial
  }

  /// A dense layer: the samples are the columns.
  private static func dense(seed: UInt64, samples: Int) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let inputs = generator.pick([1, 17, 40, 129])
    let outputs = generator.pick([5, 10, 16, 24, 37, 61])
    let filters = FilterLayout.dense(
      inputs: inputs, storedInputs: PanelLayout.padded(inputs), outputs: outputs)
    let layer = ReferenceDense(
      inputFeatures: inputs, outputFeatures: outputs,
      weights: generator.values(count: inputs * outputs),
      biases: generator.values(count: outputs))
    let large = ReferenceDense(
      inputFeatures: inputs, outputFeatures: outputs, weights: layer.weights.map(abs),
      biases: layer.biases.map(abs))
    let rows = (0..<samples).map { _ in generator.values(count: inputs) }
    let (inputStep, outputStep) = (filters.panels.rows, filters.panels.columns + 8)

    var memory = GuardedMemory()
    let input = memory.place(
      rows.flatMap { $0 + Array(repeating: 0, count: inputStep - inputs) })
    let weights = memory.place(filters.stored(layer.weights))
    let biases = memory.place(
      layer.biases + Array(repeating: 0, count: filters.panels.columns - outputs))
    let output = memory.reserve(samples * outputStep)
    let geometry = ConvolutionGeometry.dense(
      samples: samples, inputs: inputStep, inputStep: inputStep,
      outputs: filters.panels.columns, outputStep: outputStep)
    var trial = KernelTrial(
      "convolve as a dense layer, seed \(seed): \(samples) samples, \(inputs) inputs, "
        + "\(outputs) outputs", memory: memory
    ) { kernels, memory in
      kernels.convolve(
        geometry, input: memory + input, weights: memory + weights,
        bias: FloatPointer(memory + biases), output: memory + output)
    }
    for (sample, row) in rows.enumerated() {
      let start = output + sample * outputStep
      trial.promise(
        layer.forward(ReferenceTensor(vector: row)).values, at: Array(start..<start + outputs),
        magnitudes: large.forward(ReferenceTensor(vector: row.map(abs))).values,
        roundings: (fused: inputs, separate: inputs + 1))
      trial.promiseZeros(at: Array(start + outputs..<start + filters.panels.columns))
    }
    return trial
  }
}
