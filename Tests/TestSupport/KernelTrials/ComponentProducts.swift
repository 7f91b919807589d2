import ConvoyKernelInterface

/// Matrix products of many components, each with weights of its own.
enum ComponentProducts {
  static func trial(
    _ name: String, _ products: ConvolutionGeometry, _ conditions: TrialConditions
  ) -> KernelTrial {
    let (components, rows) = (products.outputRows, products.outputColumns)
    let (inputs, outputs) = (products.rowRun, products.outputChannels)
    let weightStep = products.weightRowStep
    var generator = conditions.generator()
    let inputValues = generator.values(
      count: (components - 1) * products.inputRowStep + rows * inputs)
    let weightValues = generator.values(count: components * weightStep)
    var memory = conditions.memory()
    let source = memory.place(inputValues)
    let weights = memory.place(weightValues)
    let target = memory.reserve((components - 1) * products.outputRowStep + rows * outputs)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.convolve(
        products, input: memory + source, weights: memory + weights, bias: nil,
        output: memory + target)
    }
    var (values, magnitudes, places): ([Double], [Double], [Int]) = ([], [], [])
    for component in 0..<components {
      for row in 0..<rows {
        let first = component * products.inputRowStep + row * inputs
        for output in 0..<outputs {
          let terms = (0..<inputs).map { input in
            inputValues[first + input]
              * weightValues[
                component * weightStep + products.weights.offset(row: input, column: output)]
          }
          values.append(terms.reduce(0, +))
          magnitudes.append(terms.reduce(0) { $0 + abs($1) })
          places.append(target + component * products.outputRowStep + row * outputs + output)
        }
      }
    }
    trial.promise(
      values, at: places, magnitudes: magnitudes, roundings: (fused: inputs, separate: inputs + 1))
    return trial
  }
}
