import ConvoyKernelInterface
import ConvoyTestSupport

/// Kernels that write down what they are called for: how the shapes of a network's plan are found.
struct KernelRecorder: KernelSet {
  let trace: KernelTrace
  private let kernels: any KernelSet
  private let layer: Int?

  /// - Parameter layer: for which all calls are.
  init(_ kernels: any KernelSet, trace: KernelTrace, layer: Int? = nil) {
    self.kernels = kernels
    self.trace = trace
    self.layer = layer
  }

  /// The kernels, for a call that is now written down: the one way to them, so that no step calls one
  /// unseen.
  func recording(_ call: KernelCall, listed: Int = 0) -> any KernelSet {
    trace.record(call, layer: layer, listed: listed)
    return kernels
  }

  /// The kernels, for what happens before training.
  var outsideOfSteps: any KernelSet { kernels }

  var instructionSet: InstructionSet { kernels.instructionSet }
  var hasBFloat16Dot: Bool { kernels.hasBFloat16Dot }

  func convolve(
    _ geometry: ConvolutionGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer
  ) {
    unsafe recording(.convolution(geometry, hasBias: bias != nil)).convolve(
      geometry, input: input, weights: weights, bias: bias, output: output)
  }

  func convolveAndMaxPool(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, activation: ActivationFunction,
    input: FloatPointer, weights: FloatPointer, bias: FloatPointer, band: MutableFloatPointer,
    output: MutableFloatPointer, winners: MutableFloatPointer
  ) {
    unsafe recording(.pooledConvolution(geometry, pooling, activation)).convolveAndMaxPool(
      geometry, pooling: pooling, activation: activation, input: input, weights: weights,
      bias: bias, band: band, output: output, winners: winners)
  }

  func weightGradient(
    _ geometry: ConvolutionGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    unsafe recording(.weightGradient(geometry)).weightGradient(
      geometry, input: input, outputGradient: outputGradient, weightGradient: weightGradient,
      accumulates: accumulates)
  }

  func sumPixels(
    _ geometry: PixelGeometry, values: FloatPointer, sums: MutableFloatPointer, accumulates: Bool
  ) {
    unsafe recording(.pixelSum(geometry)).sumPixels(
      geometry, values: values, sums: sums, accumulates: accumulates)
  }

  func activate(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: MutableFloatPointer
  ) {
    unsafe recording(.activation(function, geometry)).activate(function, geometry, values: values)
  }

  func activationGradient(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: FloatPointer,
    gradient: MutableFloatPointer
  ) {
    unsafe recording(.activationGradient(function, geometry)).activationGradient(
      function, geometry, values: values, gradient: gradient)
  }

  func softmaxCrossEntropy(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    return unsafe recording(.crossEntropy(classes: classes)).softmaxCrossEntropy(
      classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
  }
}
