import KernelInterface
import Synchronization

/// Kernels that write down what they are called for: how the shapes of a network's plan are found.
final class KernelRecorder: KernelSet {
  let kernels: any KernelSet
  private let recorded = Mutex<[(call: KernelCall, count: Int)]>([])

  init(_ kernels: any KernelSet) { self.kernels = kernels }

  /// Each call once, with how often it was made.
  var calls: [(call: KernelCall, count: Int)] { recorded.withLock { $0 } }

  func forget() { recorded.withLock { $0 = [] } }

  private func record(_ call: KernelCall) {
    recorded.withLock { calls in
      if let place = calls.firstIndex(where: { $0.call == call }) {
        calls[place].count += 1
      } else {
        calls.append((call, 1))
      }
    }
  }

  var instructionSet: InstructionSet { kernels.instructionSet }

  func convolve(
    _ geometry: ConvolutionGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer
  ) {
    record(.convolution(geometry, hasBias: bias != nil))
    kernels.convolve(geometry, input: input, weights: weights, bias: bias, output: output)
  }

  func convolveAndMaxPool(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, activation: ActivationFunction,
    input: FloatPointer, weights: FloatPointer, bias: FloatPointer, band: MutableFloatPointer,
    output: MutableFloatPointer, winners: MutableFloatPointer
  ) {
    record(.pooledConvolution(geometry, pooling, activation))
    kernels.convolveAndMaxPool(
      geometry, pooling: pooling, activation: activation, input: input, weights: weights,
      bias: bias, band: band, output: output, winners: winners)
  }

  func weightGradient(
    _ geometry: ConvolutionGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    record(.weightGradient(geometry))
    kernels.weightGradient(
      geometry, input: input, outputGradient: outputGradient, weightGradient: weightGradient,
      accumulates: accumulates)
  }

  func sumRows(
    _ rows: Int, columns: Int, step: Int, values: FloatPointer, sums: MutableFloatPointer,
    accumulates: Bool
  ) {
    record(.rowSums(rows: rows, columns: columns, step: step))
    kernels.sumRows(
      rows, columns: columns, step: step, values: values, sums: sums, accumulates: accumulates)
  }

  func maxPoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, winners: FloatPointer,
    inputGradient: MutableFloatPointer
  ) {
    record(.maxPoolGradient(geometry))
    kernels.maxPoolGradient(
      geometry, outputGradient: outputGradient, winners: winners, inputGradient: inputGradient)
  }

  func activate(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: MutableFloatPointer
  ) {
    record(.activation(function, geometry))
    kernels.activate(function, geometry, values: values)
  }

  func activationGradient(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: FloatPointer,
    gradient: MutableFloatPointer
  ) {
    record(.activationGradient(function, geometry))
    kernels.activationGradient(function, geometry, values: values, gradient: gradient)
  }

  func softmaxCrossEntropy(
    classes: Int, label: Int, scale: Float, logits: FloatPointer, gradient: MutableFloatPointer
  ) -> LossResult {
    record(.crossEntropy(classes: classes))
    return kernels.softmaxCrossEntropy(
      classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
  }

  func copyRows(_ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer)
  {
    record(.copy(geometry))
    kernels.copyRows(geometry, from: source, to: target)
  }

  func normalize(
    rows: Int, count: Int, bytes: UnsafePointer<UInt8>, scales: FloatPointer,
    offsets: FloatPointer, output: MutableFloatPointer, outputStep: Int
  ) {
    record(.normalization(rows: rows, count: count, step: outputStep))
    kernels.normalize(
      rows: rows, count: count, bytes: bytes, scales: scales, offsets: offsets, output: output,
      outputStep: outputStep)
  }

  func sumSlots(
    _ slots: Int, step: Int, count: Int, values: FloatPointer, sums: MutableFloatPointer
  ) {
    record(.slotSum(slots: slots, step: step, count: count))
    kernels.sumSlots(slots, step: step, count: count, values: values, sums: sums)
  }

  func transposeTile(
    rows: Int, columns: Int, source: FloatPointer, destination: MutableFloatPointer,
    destinationStep: Int
  ) {
    record(.transposition(rows: rows, columns: columns, step: destinationStep))
    kernels.transposeTile(
      rows: rows, columns: columns, source: source, destination: destination,
      destinationStep: destinationStep)
  }
}
