import ConvoyKernelInterface

extension CompiledKernels {
  /// −log softmax(logits)[label] = ln Σ e^(x − largest) + largest − x[label].
  /// Gradient: (softmax − one-hot label) · scale.
  package func softmaxCrossEntropy(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    let largest = largest(classes, logits)
    let sum = exponentials(classes, logits, gradient)
    let loss = Elementary.log(sum) + (largest.value - logits[label])
    for index in 0..<classes { gradient[index] = gradient[index] / sum * scale }
    gradient[label] -= scale
    for index in classes..<PanelLayout.padded(classes) { gradient[index] = 0 }
    return LossResult(loss: loss, predictedClass: Int32(truncatingIfNeeded: largest.index))
  }

  /// Σ t · (ln Σ e^(x − largest) + largest − x), whose terms are all at least 0.
  /// Gradient: (Σ t · softmax − t) · scale.
  package func targetCrossEntropy(
    classes: Int, label: Int, peak: Float, rest: FloatPointer, scale: Float, logits: FloatPointer,
    gradient: MutableFloatPointer
  ) -> LossResult {
    let largest = largest(classes, logits)
    let sum = exponentials(classes, logits, gradient)
    let logarithm = Elementary.log(sum)
    var loss: Float = 0
    var total: Float = 0
    for index in 0..<classes {
      let target = index == label ? rest[index] + peak : rest[index]
      loss += target * (logarithm + (largest.value - logits[index]))
      total += target
    }
    for index in 0..<classes {
      let target = index == label ? rest[index] + peak : rest[index]
      gradient[index] = (gradient[index] / sum * total - target) * scale
    }
    for index in classes..<PanelLayout.padded(classes) { gradient[index] = 0 }
    return LossResult(loss: loss, predictedClass: Int32(truncatingIfNeeded: largest.index))
  }

  /// Σ (x − one-hot label)² / classes. Gradient: (x − one-hot label) · 2 · scale / classes.
  package func meanSquaredError(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    let share = 2 * scale / Float(classes)
    var loss: Float = 0
    for index in 0..<classes {
      let error = index == label ? logits[index] - 1 : logits[index]
      loss += error * error
      gradient[index] = error * share
    }
    for index in classes..<PanelLayout.padded(classes) { gradient[index] = 0 }
    return LossResult(
      loss: loss / Float(classes),
      predictedClass: Int32(truncatingIfNeeded: largest(classes, logits).index))
  }

  /// Σ over j ≠ label of max(0, 1 − x[label] + x[j]) / classes.
  /// Gradient: scale / classes for each j inside the margin, minus their sum at the label.
  package func multiClassHinge(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    let share = scale / Float(classes)
    var loss: Float = 0
    var violations: Float = 0
    for index in 0..<PanelLayout.padded(classes) { gradient[index] = 0 }
    for index in 0..<classes where index != label {
      let margin = 1 - logits[label] + logits[index]
      // Also true of NaN, so that the loss becomes NaN.
      if !(margin <= 0) {
        loss += margin
        violations += 1
        gradient[index] = share
      }
    }
    gradient[label] = -share * violations
    return LossResult(
      loss: loss / Float(classes),
      predictedClass: Int32(truncatingIfNeeded: largest(classes, logits).index))
  }
}
