import ConvoyKernelInterface
import ConvoyTestSupport

/// Poolings, softmax, and gradients from lists of pooled outputs.
extension KernelRecorder {
  func maxPoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, winners: FloatPointer,
    inputGradient: MutableFloatPointer
  ) {
    unsafe recording(.maxPoolGradient(geometry)).maxPoolGradient(
      geometry, outputGradient: outputGradient, winners: winners, inputGradient: inputGradient)
  }

  func maxPool(
    _ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer,
    winners: MutableFloatPointer
  ) {
    unsafe recording(.maxPool(geometry))
      .maxPool(geometry, input: input, output: output, winners: winners)
  }

  func averagePool(_ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer) {
    unsafe recording(.averagePool(geometry)).averagePool(geometry, input: input, output: output)
  }

  func averagePoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, inputGradient: MutableFloatPointer
  ) {
    unsafe recording(.averagePoolGradient(geometry)).averagePoolGradient(
      geometry, outputGradient: outputGradient, inputGradient: inputGradient)
  }

  func softmax(pixels: Int, channels: Int, step: Int, values: MutableFloatPointer) {
    unsafe recording(.softmax(pixels: pixels, channels: channels, step: step))
      .softmax(pixels: pixels, channels: channels, step: step, values: values)
  }

  func softmaxGradient(
    pixels: Int, channels: Int, step: Int, values: FloatPointer, gradient: MutableFloatPointer
  ) {
    unsafe recording(.softmaxGradient(pixels: pixels, channels: channels, step: step))
      .softmaxGradient(
        pixels: pixels, channels: channels, step: step, values: values, gradient: gradient)
  }

  func listPooledGradients(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, outputGradient: FloatPointer,
    winners: FloatPointer, offset: Int, lists: GradientLists, empty: Bool
  ) {
    func listed() -> Int { unsafe count(lists, filters: pooling.channels) }
    let before = empty ? 0 : listed()
    trace.list(pooling, empty: empty)
    unsafe outsideOfSteps.listPooledGradients(
      geometry, pooling: pooling, outputGradient: outputGradient, winners: winners,
      offset: offset, lists: lists, empty: empty)
    // Only now is known how many there are.
    _ = recording(
      .gradientLists(geometry, ListedWindows(pooling: pooling, samples: 1)),
      listed: listed() - before)
  }

  func listedWeightGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, input: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    unsafe recording(
      .listedWeightGradient(geometry, listing),
      listed: count(lists, filters: geometry.outputChannels)
    ).listedWeightGradient(
      geometry, lists: lists, input: input, weightGradient: weightGradient,
      accumulates: accumulates)
  }

  func listedInputGradient(
    _ geometry: ConvolutionGeometry, lists: GradientLists, weights: FloatPointer,
    inputGradient: MutableFloatPointer, count: Int
  ) {
    unsafe recording(
      .listedInputGradient(geometry, listing, count: count),
      listed: self.count(lists, filters: geometry.outputChannels)
    ).listedInputGradient(
      geometry, lists: lists, weights: weights, inputGradient: inputGradient, count: count)
  }

  private var listing: ListedWindows {
    guard let listing = trace.listing else { preconditionFailure("lists are made before read") }
    return listing
  }

  private func count(_ lists: GradientLists, filters: Int) -> Int {
    (0..<filters).reduce(0) { unsafe $0 + Int(lists.list($1).pointee.bitPattern) }
  }
}
