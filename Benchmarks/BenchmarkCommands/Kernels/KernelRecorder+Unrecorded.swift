import KernelInterface

/// Kernels that no step of the four networks calls.
extension KernelRecorder {
  func maxPool(
    _ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer,
    winners: MutableFloatPointer
  ) {
    kernels.maxPool(geometry, input: input, output: output, winners: winners)
  }

  func averagePool(_ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer) {
    kernels.averagePool(geometry, input: input, output: output)
  }

  func averagePoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, inputGradient: MutableFloatPointer
  ) {
    kernels.averagePoolGradient(
      geometry, outputGradient: outputGradient, inputGradient: inputGradient)
  }

  func softmax(pixels: Int, channels: Int, step: Int, values: MutableFloatPointer) {
    kernels.softmax(pixels: pixels, channels: channels, step: step, values: values)
  }

  func softmaxGradient(
    pixels: Int, channels: Int, step: Int, values: FloatPointer, gradient: MutableFloatPointer
  ) {
    kernels.softmaxGradient(
      pixels: pixels, channels: channels, step: step, values: values, gradient: gradient)
  }

  func multiClassHinge(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    kernels.multiClassHinge(
      classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
  }

  func byteSums(count: Int, step: Int, bytes: UnsafePointer<UInt8>) -> ByteSums {
    kernels.byteSums(count: count, step: step, bytes: bytes)
  }

  func multiply(count: Int, factors: FloatPointer, values: MutableFloatPointer) {
    kernels.multiply(count: count, factors: factors, values: values)
  }

  func multiplyAddChains(rounds: Int, seed: FloatPointer, results: MutableFloatPointer) -> Int {
    kernels.multiplyAddChains(rounds: rounds, seed: seed, results: results)
  }
}
