import ConvoyKernelInterface

/// Four panels of a convolution with one output position a row, such as a dense layer of one sample.
/// One panel is one chain of multiply-adds, each of which waits for the one before: it would read its
/// weights at a fraction of the rate at which the caches give them.
func convolvePositions(
  _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  for row in 0..<geometry.outputRows {
    convolvePosition(
      geometry, input + row &* geometry.inputRowStep, weights + row &* geometry.weightRowStep, bias,
      output + row &* geometry.outputRowStep)
  }
}

@inline(__always)
private func convolvePosition(
  _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let panelStep = geometry.weights.offset(ofPanel: 1)
  let lanes = SIMD16<Float>.scalarCount
  // Four variables: sums in an array would be stored after every product.
  var sum0 = bias.map { SIMD16.load($0) } ?? SIMD16()
  var sum1 = bias.map { SIMD16.load($0 + lanes) } ?? SIMD16()
  var sum2 = bias.map { SIMD16.load($0 + 2 &* lanes) } ?? SIMD16()
  var sum3 = bias.map { SIMD16.load($0 + 3 &* lanes) } ?? SIMD16()
  var weight = weights
  for kernelRow in 0..<geometry.kernelRows {
    var run = input + kernelRow &* geometry.kernelRowStep
    for _ in 0..<geometry.runs {
      for tap in 0..<geometry.rowRun {
        let value = run[tap]
        sum0 = sum0.adding(SIMD16.load(weight), times: value)
        sum1 = sum1.adding(SIMD16.load(weight + panelStep), times: value)
        sum2 = sum2.adding(SIMD16.load(weight + 2 &* panelStep), times: value)
        sum3 = sum3.adding(SIMD16.load(weight + 3 &* panelStep), times: value)
        weight += lanes
      }
      run += geometry.runStep
    }
  }
  sum0.store(output)
  sum1.store(output + lanes)
  sum2.store(output + 2 &* lanes)
  sum3.store(output + 3 &* lanes)
}
