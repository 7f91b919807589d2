import ConvoyKernelInterface
import ConvoyReference

/// Trials of `softmax` and its gradient.
package enum SoftmaxTrials {
  package static let all: [KernelTrial] = (800..<830).flatMap { seed in
    [softmax(seed: seed), gradient(seed: seed)]
  }

  /// A row's softmax as the kernels compute it: the largest is taken off, powers are added in order.
  package static func rounded(_ row: [Double]) -> (outputs: [Rounded], sum: Rounded) {
    let largest = Rounded(row.max() ?? 0)
    let powers = row.map { (Rounded($0) - largest).exponential() }
    let sum = powers.dropFirst().reduce(powers[0], +)
    return (powers.map { $0 / sum }, sum)
  }

  private static func softmax(seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let channels = generator.pick([1, 2, 3, 7, 8, 10, 17])
    let scale = generator.pick([1, 20, 1000])
    let rows = (0..<generator.integer(in: 1...5)).map { _ in
      generator.gridValues(count: channels, in: -8 * scale...8 * scale, unit: 0.125)
    }
    return softmax(
      "softmax, seed \(seed): \(rows.count) pixels of \(channels)", of: rows,
      step: PanelLayout.padded(channels))
  }

  /// - Parameter rows: pixel by pixel, as many channels each.
  package static func softmax(_ name: String, of rows: [[Double]], step: Int) -> KernelTrial {
    let (pixels, channels) = (rows.count, rows[0].count)
    var memory = GuardedMemory(pattern: 3)
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

  private static func gradient(seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let channels = generator.pick([1, 2, 3, 7, 8, 10, 17])
    let pixels = generator.integer(in: 1...5)
    return gradient(
      "softmaxGradient, seed \(seed): \(pixels) pixels of \(channels)", pixels: pixels,
      channels: channels, step: PanelLayout.padded(channels), &generator)
  }

  package static func gradient(
    _ name: String, pixels: Int, channels: Int, step: Int, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let layer = ReferenceActivation<Double>.softmax
    let outputs = (0..<pixels).map { _ in
      layer.forward(ReferenceTensor(vector: generator.values(count: channels, in: -3...3)))
        .values.map { Double(Float($0)) }
    }
    let gradients = (0..<pixels).map { _ in generator.values(count: channels) }
    var memory = GuardedMemory()
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
