import ConvoyKernelInterface
import ConvoyReference

/// Trials of the losses.
enum LossTrials {
  static func trial(
    _ name: String, of loss: ReferenceLoss, classes: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let label = generator.integer(in: 0...classes - 1)
    let scale: Float = generator.pick([1, 1 / 3, 1 / 128])
    let logits = logits(classes, conditions, &generator)
    let stored = PanelLayout.padded(classes)
    var memory = conditions.memory()
    let logitsPlace = memory.place(logits + Array(repeating: 0, count: stored - classes))
    let gradient = memory.reserve(stored)
    let lossPlace = memory.reserve(2)
    var trial = KernelTrial(
      "\(name), label \(label), scale \(scale)", memory: memory
    ) { kernels, memory in
      let result =
        switch loss {
        case .crossEntropy:
          kernels.softmaxCrossEntropy(
            classes: classes, label: label, scale: scale, logits: memory + logitsPlace,
            gradient: memory + gradient)
        case .hinge:
          kernels.multiClassHinge(
            classes: classes, label: label, scale: scale, logits: memory + logitsPlace,
            gradient: memory + gradient)
        case .meanSquaredError:
          kernels.meanSquaredError(
            classes: classes, label: label, scale: scale, logits: memory + logitsPlace,
            gradient: memory + gradient)
        }
      memory[lossPlace] = result.loss
      memory[lossPlace + 1] = Float(result.predictedClass)
    }
    let expected = loss.evaluate(logits: logits, label: label)
    let bounds = bounds(of: loss, logits: logits, label: label, scale: Double(scale))
    trial.promise([expected.loss], at: [lossPlace], within: [bounds.loss])
    trial.promise(
      expected.gradient.map { $0 * Double(scale) }, at: Array(gradient..<gradient + classes),
      within: bounds.gradient)
    trial.promiseZeros(at: Array(gradient + classes..<gradient + stored))
    let largest = logits.firstIndex(of: logits.max() ?? 0) ?? 0
    trial.promise(exactly: [Double(largest)], at: [lossPlace + 1])
    return trial
  }

  /// Eighths, so that classes tie and margins are exactly met; some negative throughout, so that
  /// added classes with their zeros would win; some as extreme as ±1000.
  static func logits(
    _ classes: Int, _ conditions: TrialConditions, _ generator: inout SeededGenerator
  ) -> [Double] {
    var logits = generator.gridValues(count: classes, in: -16...16, unit: 0.125)
    if conditions.seed % 3 == 0 { logits = logits.map { $0 - 5 } }
    if conditions.seed % 4 == 0 { logits = logits.map { $0 < 0 ? -1000 : $0 > 1 ? 1000 : $0 } }
    return logits
  }

  /// The errors of the formulas in single precision.
  private static func bounds(
    of loss: ReferenceLoss, logits: [Double], label: Int, scale: Double
  ) -> (loss: Double, gradient: [Double]) {
    switch loss {
    case .crossEntropy:
      let (outputs, sum) = SoftmaxTrials.rounded(logits)
      let distance = Rounded(logits.max() ?? 0) - Rounded(logits[label])
      var gradient = outputs.map { $0 * Rounded(scale) }
      gradient[label] = gradient[label] - Rounded(scale)
      return ((sum.logarithm() + distance).error, gradient.map(\.error))
    case .hinge:
      let classes = Rounded(Double(logits.count))
      let share = Rounded(scale) / classes
      var total = Rounded(0)
      var violations = 0.0
      var gradient = logits.map { _ in Rounded(0) }
      for index in logits.indices where index != label {
        let margin = Rounded(1) - Rounded(logits[label]) + Rounded(logits[index])
        if margin.value > 0 {
          total = total + margin
          violations += 1
          gradient[index] = share
        }
      }
      gradient[label] = -share * Rounded(violations)
      return ((total / classes).error, gradient.map(\.error))
    case .meanSquaredError:
      let classes = Rounded(Double(logits.count))
      let share = Rounded(2 * scale) / classes
      let errors = logits.enumerated().map { Rounded($1) - Rounded($0 == label ? 1 : 0) }
      let total = errors.reduce(Rounded(0)) { $0 + $1 * $1 }
      return ((total / classes).error, errors.map { ($0 * share).error })
    }
  }
}
