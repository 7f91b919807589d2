import ConvoyKernelInterface

/// Four panels of a convolution with one output position, such as a dense layer of one sample. One
/// panel is one chain of multiply-adds, each of which waits for the one before: it would read its
/// weights at a fraction of the rate at which the caches give them.
func convolvePosition(
  _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let panelStep = geometry.weights.offset(ofPanel: 1)
  var sums = InlineArray<4, SIMD16<Float>> { panel in
    bias.map { SIMD16.load($0 + panel &* PanelLayout.panelWidth) } ?? SIMD16()
  }
  var weight = weights
  for kernelRow in 0..<geometry.kernelRows {
    var run = input + kernelRow &* geometry.kernelRowStep
    for _ in 0..<geometry.runs {
      for tap in 0..<geometry.rowRun {
        let value = run[tap]
        for panel in 0..<4 {
          sums[panel] = sums[panel].adding(SIMD16.load(weight + panel &* panelStep), times: value)
        }
        weight += PanelLayout.panelWidth
      }
      run += geometry.runStep
    }
  }
  for panel in 0..<4 { sums[panel].store(output + panel &* PanelLayout.panelWidth) }
}
