import ConvoyKernelInterface
import ConvoyReference

/// Trials of the cross-entropy with smoothed labels and class weights.
enum TargetCrossEntropyTrials {
  static func trial(
    _ name: String, classes: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let label = generator.integer(in: 0...classes - 1)
    let scale: Float = generator.pick([1, 1 / 3, 1 / 128])
    let smoothing = generator.pick([0, 0.125, 0.5])
    // A class without images has weight 0, but is then no label.
    var weights = generator.gridValues(count: classes, in: 0...24, unit: 0.125)
    weights[label] += 0.125
    let logits = LossTrials.logits(classes, conditions, &generator)

    // The targets are rounded once, where they are made.
    let rest = weights.map { Rounded(rounding: smoothing / Double(classes) * $0) }
    let peak = Rounded(rounding: (1 - smoothing) * weights[label])
    let stored = PanelLayout.padded(classes)
    let padding = Array(repeating: 0.0, count: stored - classes)
    var memory = conditions.memory()
    let logitsPlace = memory.place(logits + padding)
    let restPlace = memory.place(rest.map(\.value))
    let gradient = memory.reserve(stored)
    let lossPlace = memory.reserve(2)
    var trial = KernelTrial(
      "\(name), label \(label), scale \(scale), smoothing \(smoothing)", memory: memory
    ) { kernels, memory in
      let result = kernels.targetCrossEntropy(
        classes: classes, label: label, peak: Float(peak.value), rest: memory + restPlace,
        scale: scale, logits: memory + logitsPlace, gradient: memory + gradient)
      memory[lossPlace] = result.loss
      memory[lossPlace + 1] = Float(result.predictedClass)
    }
    let expected = smoothedCrossEntropy(
      logits: logits, label: label, smoothing: smoothing, weights: weights)
    let bounds = bounds(
      logits: logits, targets: rest.enumerated().map { $0 == label ? $1 + peak : $1 },
      scale: Double(scale))
    trial.promise([expected.loss], at: [lossPlace], within: [bounds.loss])
    trial.promise(
      expected.gradient.map { $0 * Double(scale) }, at: Array(gradient..<gradient + classes),
      within: bounds.gradient)
    trial.promiseZeros(at: Array(gradient + classes..<gradient + stored))
    let largest = logits.firstIndex(of: logits.max() ?? 0) ?? 0
    trial.promise(exactly: [Double(largest)], at: [lossPlace + 1])
    return trial
  }

  /// The errors of the formulas in single precision.
  private static func bounds(
    logits: [Double], targets: [Rounded], scale: Double
  ) -> (loss: Double, gradient: [Double]) {
    let (outputs, sum) = SoftmaxTrials.rounded(logits)
    let logarithm = sum.logarithm()
    let largest = Rounded(logits.max() ?? 0)
    var loss = Rounded(0)
    var total = Rounded(0)
    for (logit, target) in zip(logits, targets) {
      loss = loss + target * (logarithm + (largest - Rounded(logit)))
      total = total + target
    }
    let gradient = zip(outputs, targets).map { ($0 * total - $1) * Rounded(scale) }
    return (loss.error, gradient.map(\.error))
  }
}
