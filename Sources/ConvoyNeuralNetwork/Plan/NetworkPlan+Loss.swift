import ConvoyKernelInterface

/// The outputs of a pass, and what a loss makes of them.
extension NetworkPlan {
  /// The outputs of a sample of the pass, by class.
  package func outputs(_ pass: SamplePass, _ sample: Int) -> UnsafePointer<Float> {
    unsafe UnsafePointer(pass.values(output, sample) + output.values.start)
  }

  /// The loss and the prediction of a sample of the pass; writes the output's gradient, `scale`
  /// times the loss's.
  ///
  /// - Parameters:
  ///   - targets: of cross-entropy; nil for 1 at the label and 0 elsewhere.
  ///   - mixed: the other label of a mixed sample, which takes its share of the label's target; only
  ///     with `targets`.
  package func evaluateLoss(
    _ pass: SamplePass, sample: Int, label: Int, scale: Float, targets: CrossEntropyTargets? = nil,
    mixed: MixedLabel? = nil
  ) -> LossResult {
    for action in edges.beforeLoss { action.perform(pass, sample: sample, kernels) }
    // If the last stage is a convolution, its gradients have a border.
    let logits = unsafe FloatPointer(pass.values(output, sample) + output.values.start)
    let gradient = unsafe pass.gradients(output, sample) + output.gradients.start
    return switch loss {
    case .crossEntropy:
      if let targets, let mixed {
        unsafe kernels.targetCrossEntropy(
          classes: classes, label: label, peak: (1 - mixed.share) * targets.peaks[label],
          rest: targets.rest(with: mixed), scale: scale, logits: logits, gradient: gradient)
      } else if let targets {
        unsafe kernels.targetCrossEntropy(
          classes: classes, label: label, peak: targets.peaks[label], rest: targets.rest,
          scale: scale, logits: logits, gradient: gradient)
      } else {
        unsafe kernels.softmaxCrossEntropy(
          classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
      }
    case .hinge:
      unsafe kernels.multiClassHinge(
        classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
    case .meanSquaredError:
      unsafe kernels.meanSquaredError(
        classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
    case nil:
      unsafe ownResult(label: label, scale: scale, outputs: logits, gradient: gradient)
    }
  }

  /// The result of the caller's own loss.
  private func ownResult(
    label: Int, scale: Float, outputs: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    guard let ownLoss else { preconditionFailure("a network is judged by a loss that is known") }
    let values = unsafe UnsafeBufferPointer(start: outputs, count: classes)
    unsafe gradient.update(repeating: 0, count: PanelLayout.padded(classes))
    let gradients = unsafe UnsafeMutableBufferPointer(start: gradient, count: classes)
    var span = unsafe gradients.mutableSpan
    let loss = unsafe ownLoss.evaluate(outputs: values.span, label: label, gradient: &span)
    var largest = 0
    for index in 0..<classes {
      unsafe gradients[index] *= scale
      if unsafe values[index] > values[largest] { largest = index }
    }
    return LossResult(loss: loss, predictedClass: Int32(truncatingIfNeeded: largest))
  }
}
