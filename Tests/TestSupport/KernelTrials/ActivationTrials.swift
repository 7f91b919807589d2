import ConvoyKernelInterface
import ConvoyReference

/// Trials of `activate` and `activationGradient`.
enum ActivationTrials {
  /// A pattern that every function changes: these kernels work in place.
  private static let pattern = -Float(sign: .plus, exponent: 90, significand: 1)

  static func activation(
    _ name: String, _ function: ActivationFunction, _ rows: RowGeometry,
    _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    // Each scale brings its own part of the functions; zeros of both signs are where they bend.
    let values = generator.values(count: rows.rows * rows.count).map { value in
      let scale = generator.pick([1e-30, 0.3, 3, 20, 200])
      return generator.chance(of: 0.2) ? generator.pick([0, -0.0]) : Double(Float(value * scale))
    }
    var memory = conditions.memory(pattern: pattern)
    let start = memory.placeRows(values, count: rows.count, step: rows.step)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.activate(function, rows, values: memory + start)
    }
    let expected = Activation.reference(function).forward(ReferenceTensor(vector: values))
    trial.promise(
      expected.values,
      at: GuardedMemory.rowPlaces(start, rows: rows.rows, count: rows.count, step: rows.step),
      within: values.map { Activation.bound(function, of: $0) })
    return trial
  }

  static func gradient(
    _ name: String, _ function: ActivationFunction, _ rows: RowGeometry,
    _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let count = rows.rows * rows.count
    let inputs = generator.gridValues(count: count, in: -8...8, unit: 0.375)
    let layer = Activation.reference(function)
    let outputs = layer.forward(ReferenceTensor(vector: inputs)).values.map { Double(Float($0)) }
    let arguments = function.derivesFromOutput ? outputs : inputs
    let gradients = generator.values(count: count)
    var memory = conditions.memory(pattern: pattern)
    let values = memory.placeRows(arguments, count: rows.count, step: rows.step)
    let gradient = memory.placeRows(gradients, count: rows.count, step: rows.otherStep)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
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
      within: zip(arguments, gradients).map {
        Activation.gradientBound(function, argument: $0, gradient: $1)
      })
    return trial
  }
}
