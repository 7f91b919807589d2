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

  func listPooledGradients(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, outputGradient: FloatPointer,
    winners: FloatPointer, offset: Int, lists: GradientLists, empty: Bool
  ) {
    kernels.listPooledGradients(
      geometry, pooling: pooling, outputGradient: outputGradient, winners: winners,
      offset: offset, lists: lists, empty: empty)
  }

  func listedWeightGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, input: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    kernels.listedWeightGradient(
      geometry, lists: lists, input: input, weightGradient: weightGradient,
      accumulates: accumulates)
  }

  func listedInputGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, weights: FloatPointer,
    inputGradient: MutableFloatPointer, count: Int
  ) {
    kernels.listedInputGradient(
      geometry, lists: lists, weights: weights, inputGradient: inputGradient, count: count)
  }

  func winogradInput(
    _ geometry: WinogradGeometry, input: FloatPointer, components: MutableFloatPointer
  ) {
    kernels.winogradInput(geometry, input: input, components: components)
  }

  func winogradOutput(
    _ geometry: WinogradGeometry, components: FloatPointer, bias: FloatPointer?,
    output: MutableFloatPointer
  ) {
    kernels.winogradOutput(geometry, components: components, bias: bias, output: output)
  }

  func winogradFilters(
    channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int
  ) {
    kernels.winogradFilters(
      channels: channels, width: width, weights: weights, tapStep: tapStep,
      components: components, componentStep: componentStep)
  }

  func winogradOutputGradient(
    _ geometry: WinogradGeometry, gradient: FloatPointer, components: MutableFloatPointer
  ) {
    kernels.winogradOutputGradient(geometry, gradient: gradient, components: components)
  }

  func winogradFilterGradient(
    channels: Int, width: Int, components: FloatPointer, componentStep: Int,
    weightGradient: MutableFloatPointer, tapStep: Int
  ) {
    kernels.winogradFilterGradient(
      channels: channels, width: width, components: components, componentStep: componentStep,
      weightGradient: weightGradient, tapStep: tapStep)
  }

  func sumFilterSlots(
    _ slots: Int, step: Int, layout: FilterMajorLayout, filters: Int, taps: Range<Int>,
    values: FloatPointer, sums: MutableFloatPointer
  ) {
    kernels.sumFilterSlots(
      slots, step: step, layout: layout, filters: filters, taps: taps, values: values, sums: sums)
  }
}
