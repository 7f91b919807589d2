import ConvoyKernelInterface
import ConvoyReference

/// Trials of `softmax` and its gradient.
enum SoftmaxTrials {
  /// A row's softmax as the kernels compute it: the largest is taken off, powers are added in order.
  static func rounded(_ row: [Double]) -> (outputs: [Rounded], sum: Rounded) {
    let largest = Rounded(row.max() ?? 0)
    let powers = row.map { (Rounded($0) - largest).exponential() }
    let sum = powers.dropFirst().reduce(powers[0], +)
    return (powers.map { $0 / sum }, sum)
  }

  static func softmax(
    _ name: String, pixels: Int, channels: Int, step: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let scale = generator.pick([1, 20, 1000])
    let rows = (0..<pixels).map { _ in
      generator.gridValues(count: channels, in: -8 * scale...8 * scale, unit: 0.125)
    }
    var memory = conditions.memory(pattern: 3)
    let start = memory.place(rows.flatMap { $0 + Array(repeating: 0, count: step - channels) })
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.softmax(pixels: pixels, channels: channels, step: step, values: memory + start)
    }
    for (pixel, row) in rows.enumerated() {
      let first = start + pixel * step
      let expected = ReferenceActivation.softmax.forward(ReferenceTensor(vector: row))
      trial.promise(
        expected.values, at: Array(first..<first + channels),
        within: rounded(row).outputs.map(\.error))
      trial.promiseZeros(at: Array(first + channels..<first + step))
    }
    return trial
  }

  static func gradient(
    _ name: String, pixels: Int, channels: Int, step: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let layer = ReferenceActivation<Double>.softmax
    let outputs = (0..<pixels).map { _ in
      layer.forward(ReferenceTensor(vector: generator.values(count: channels, in: -3...3)))
        .values.map { Double(Float($0)) }
    }
    let gradients = (0..<pixels).map { _ in generator.values(count: channels) }
    var memory = conditions.memory()
    let values = memory.placeRows(outputs.flatMap(\.self), count: channels, step: step)
    // Added channels have no gradient.
    let gradient = memory.place(
      gradients.flatMap { $0 + Array(repeating: 0, count: step - channels) })
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.softmaxGradient(
        pixels: pixels, channels: channels, step: step, values: memory + values,
        gradient: memory + gradient)
    }
    for (pixel, (y, g)) in zip(outputs, gradients).enumerated() {
      let first = gradient + pixel * step
      let expected = layer.backward(
        input: ReferenceTensor(vector: y), output: ReferenceTensor(vector: y),
        outputGradient: ReferenceTensor(vector: g))
      let mean = zip(y, g).reduce(Rounded(0)) { $0 + Rounded($1.0) * Rounded($1.1) }
      trial.promise(
        expected.input.values, at: Array(first..<first + channels),
        within: zip(y, g).map { (Rounded($0) * (Rounded($1) - mean)).error })
    }
    return trial
  }
}
