import ConvoyKernelInterface

/// Panels of a convolution with one output position, such as a dense layer of one sample, four at a
/// time. One panel would wait for each of its sums before the next product, and so read its weights
/// at a fraction of the rate at which the caches give them.
///
/// - Returns: the panels that were made, from the first.
func convolveSinglePosition(
  _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer,
  _ bias: FloatPointer?, _ output: MutableFloatPointer
) -> Int {
  let layout = geometry.weights
  let groups = layout.columns / (4 &* PanelLayout.panelWidth)
  for group in 0..<groups {
    let panel = 4 &* group
    let channel = panel &* PanelLayout.panelWidth
    fourPanels(
      geometry, input, weights + layout.offset(ofPanel: panel),
      panelStep: layout.offset(ofPanel: 1), bias.map { $0 + channel }, output + channel)
  }
  return 4 &* groups
}

private func fourPanels(
  _ geometry: ConvolutionGeometry, _ input: FloatPointer, _ weights: FloatPointer, panelStep: Int,
  _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
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
