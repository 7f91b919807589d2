import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of `activate` and `activationGradient`.
enum ActivationTrials {
  static let all: [KernelTrial] = (600..<608).flatMap { seed in
    Activation.all.flatMap { function in
      [activation(function, seed: seed), gradient(function, seed: seed)]
    }
  }

  /// A pattern that every function changes: these kernels work in place.
  private static let pattern = -Float(sign: .plus, exponent: 90, significand: 1)

  private static func rows(_ generator: inout SeededGenerator) -> RowGeometry {
    let count = 8 * generator.integer(in: 1...5)
    return RowGeometry(
      rows: generator.integer(in: 1...4), count: count,
      step: count + 8 * generator.integer(in: 0...2),
      otherStep: count + 8 * generator.integer(in: 0...2))
  }

  private static func activation(_ function: ActivationFunction, seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let rows = rows(&generator)
    // Each scale brings its own part of the functions; zeros of both signs are where they bend.
    var values: [Double] = []
    for _ in 0..<rows.rows * rows.count {
      let scale = generator.pick([1e-30, 0.3, 3, 20, 200])
      values.append(
        generator.pick([0, -0.0] + generator.values(count: 8).map { Double(Float($0 * scale)) }))
    }
    var memory = GuardedMemory(pattern: pattern)
    let start = memory.placeRows(values, count: rows.count, step: rows.step)
    var trial = KernelTrial("activate, \(function), seed \(seed): \(rows)", memory: memory) {
      kernels, memory in
      kernels.activate(function, rows, values: memory + start)
    }
    let expected = Activation.reference(function).forward(ReferenceTensor(vector: values))
    trial.promise(
      expected.values,
      at: GuardedMemory.rowPlaces(
        start, rows: rows.rows, count: rows.count, step: rows.step),
      within: values.map { Activation.bound(function, of: $0) })
    return trial
  }

  private static func gradient(_ function: ActivationFunction, seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let rows = rows(&generator)
    let count = rows.rows * rows.count
    let inputs = generator.gridValues(count: count, in: -8...8, unit: 0.375)
    let layer = Activation.reference(function)
    let outputs = layer.forward(ReferenceTensor(vector: inputs)).values.map { Double(Float($0)) }
    let gradients = generator.values(count: count)

    var memory = GuardedMemory(pattern: pattern)
    let values = memory.placeRows(outputs, count: rows.count, step: rows.step)
    let gradient = memory.placeRows(gradients, count: rows.count, step: rows.otherStep)
    var trial = KernelTrial(
      "activationGradient, \(function), seed \(seed): \(rows)", memory: memory
    ) { kernels, memory in
      kernels.activationGradient(
        function, rows, values: memory + values, gradient: memory + gradient)
    }
    let expected = layer.backward(
      input: ReferenceTensor(vector: inputs), output: ReferenceTensor(vector: outputs),
      outputGradient: ReferenceTensor(vector: gradients))
    trial.promise(
      expected.input.values,
      at: GuardedMemory.rowPlaces(
        gradient, rows: rows.rows, count: rows.count, step: rows.otherStep),
      within: zip(outputs, gradients).map {
        Activation.gradientBound(function, y: $0, gradient: $1)
      })
    return trial
  }
}
