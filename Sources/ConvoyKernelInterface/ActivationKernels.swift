/// Activations, in place.
package protocol ActivationKernels: Sendable {
  func activate(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: MutableFloatPointer)

  /// Gradient ·= derivative, in place; `values` are the outputs, or the inputs where the
  /// derivative is not a function of the output.
  func activationGradient(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: FloatPointer,
    gradient: MutableFloatPointer)

  /// Softmax over the channels of each pixel, in place. Sets the floats from `channels` to `step`
  /// to zero.
  func softmax(pixels: Int, channels: Int, step: Int, values: MutableFloatPointer)

  /// Gradient = y · (gradient − Σ gradient · y) over the channels of each pixel, in place.
  func softmaxGradient(
    pixels: Int, channels: Int, step: Int, values: FloatPointer, gradient: MutableFloatPointer)
}

/// Losses of a sample, with their gradients.
package protocol LossKernels: Sendable {
  /// −log softmax(logits)[label], and its gradient times `scale`.
  func softmaxCrossEntropy(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult

  /// −Σ t · log softmax(logits) for the targets t: those of `rest`, and `peak` more at the label.
  /// Writes its gradient times `scale`. Smoothed labels and class weights make such targets.
  ///
  /// - Parameter rest: a target for each class, at least 0.
  func targetCrossEntropy(
    classes: Int, label: Int, peak: Float, rest: FloatPointer, scale: Float, logits: FloatPointer,
    gradient: MutableFloatPointer
  ) -> LossResult

  /// Σ (x − one-hot label)² / classes (as PyTorch's MSELoss), and its gradient times `scale`.
  func meanSquaredError(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult

  /// Σ over j ≠ label of max(0, 1 − x[label] + x[j]) / classes (Weston and Watkins, 1999; as
  /// PyTorch's MultiMarginLoss), and its gradient times `scale`.
  func multiClassHinge(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult
}
