import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of `convolveAndMaxPool`, with every activation.
enum PooledConvolutionTrials {
  /// Every size of window with every stride, four times.
  static let all: [KernelTrial] = (0..<48).flatMap { index in
    Activation.all.map { activation in
      trial(
        size: 1 + index / 4 % 3, stride: 1 + index % 4, seed: 700 + UInt64(index),
        activation: activation)
    }
  }

  private static func trial(
    size: Int, stride: Int, seed: UInt64, activation: ActivationFunction
  ) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let rows = generator.integer(in: 1...3)
    // Windows of 2×2 side by side come in tiles: up to two of the largest and a rest.
    let columns = generator.integer(in: size == 2 && stride == 2 ? 1...16 : 1...4)
    // Rows and columns that no window reaches are left over.
    let sample = ConvolutionCase(
      seed: seed,
      output: (
        rows: (rows - 1) * stride + size + generator.integer(in: 0...stride - 1),
        columns: (columns - 1) * stride + size + generator.integer(in: 0...stride - 1)
      ), numbers: .exact)
    let window = ReferenceWindow(height: size, width: size, stride: stride)
    let convolved = sample.layer.forward(sample.input)
    let pooled = ReferenceMaxPooling(window: window).forward(convolved)
    let expected = Activation.reference(activation).forward(pooled)

    let channels = sample.filters.panels.columns
    let bandStep = sample.outputShape.width * channels
    let outputMap = StoredMap(pooled.shape, margin: generator.integer(in: 0...1))
    let winnersMap = StoredMap(pooled.shape)
    let pooling = PoolingGeometry(
      kernelSize: size, stride: stride, outputRows: rows, outputColumns: columns,
      channels: channels, inputRowStep: bandStep, outputRowStep: outputMap.rowStep)
    let geometry = sample.geometry(rowStep: bandStep, columnStep: channels)

    var memory = GuardedMemory()
    let input = memory.place(sample.inputMap.stored(sample.input.values))
    let weights = memory.place(sample.filters.stored(sample.layer.weights))
    let biases = memory.place(sample.storedBiases)
    let bandCount = (pooling.overlaps ? sample.outputShape.height : size) * bandStep
    let band = memory.reserve(bandCount)
    let output = memory.reserve(outputMap.count)
    let winners = memory.reserve(winnersMap.count)
    let (source, target) = (input + sample.inputMap.paddedStart, output + outputMap.start)
    var trial = KernelTrial(
      "convolveAndMaxPool, \(activation), window \(size), stride \(stride) over "
        + sample.description, memory: memory
    ) { kernels, memory in
      kernels.convolveAndMaxPool(
        geometry, pooling: pooling, activation: activation, input: memory + source,
        weights: memory + weights, bias: memory + biases, band: memory + band,
        output: memory + target, winners: memory + winners)
    }
    trial.scratch = Array(band..<band + bandCount)
    trial.promise(
      expected.values, at: outputMap.places.map { output + $0 },
      within: pooled.values.map { Activation.bound(activation, of: $0) })
    let added = activation == .sigmoid ? 0.5 : 0
    trial.promise(
      exactly: outputMap.addedPlaces.map { _ in added },
      at: outputMap.addedPlaces.map { output + $0 })
    trial.promise(
      exactly: Winners.places(in: convolved, window: window, for: pooling),
      at: winnersMap.places.map { winners + $0 })
    trial.promiseZeros(at: winnersMap.addedPlaces.map { winners + $0 })
    return trial
  }
}
