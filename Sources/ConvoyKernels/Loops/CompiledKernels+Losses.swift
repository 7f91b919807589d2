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
