import ConvoyKernelInterface

/// The full-size map of a convolution's output gradients, with the border that the input gradient
/// reads. It is the stage's own map, or is built in scratch if that one is pooled or lacks the
/// border.
struct OutputGradientMap: Sendable {
  let map: FeatureMap
  private let output: Edge
  private let pooling: ConvolutionLayout.Pooling?
  /// Offset in the worker's scratch where the maps are built; nil if the stage's own maps are used.
  private let madePlace: Int?

  /// Whether the pooling windows cover the whole map.
  private let isCovered: Bool

  /// With the border that the input gradient reads.
  static func map(_ layout: ConvolutionLayout) -> FeatureMap {
    FeatureMap(
      layout.shape,
      border: layout.input.wantsGradients
        ? layout.size.gradientBorder(for: layout.input.values.shape) : FeatureMap.Border())
  }

  /// - Parameter samples: the most samples per call.
  init(_ layout: ConvolutionLayout, samples: Int, places: inout PlanPlaces) {
    map = Self.map(layout)
    output = layout.output
    pooling = layout.pooling
    isCovered =
      layout.pooling.map {
        Window(
          kernelSize: Pair($0.geometry.kernelRows, $0.geometry.kernelColumns),
          stride: Pair($0.geometry.rowStride, $0.geometry.columnStride)
        )
        .covers(layout.shape, outputs: layout.output.values.shape)
      } ?? true
    madePlace =
      map == output.gradients ? nil : places.scratch.take(samples * map.count)
  }

  /// The maps of some samples, side by side.
  func gradients(
    _ pass: SamplePass, _ samples: Range<Int>, kernels: any KernelSet
  ) -> MutableFloatPointer {
    guard let madePlace else { return unsafe pass.gradients(output, samples.lowerBound) }
    let made = unsafe pass.scratch + madePlace
    let source = output.gradients
    for sample in samples {
      let stageGradients = unsafe pass.gradients(output, sample) + source.start
      let corner = unsafe made + (sample - samples.lowerBound) * map.count
      let target = unsafe corner + map.start
      // Other stages have used the scratch.
      if isCovered {
        unsafe map.clearBorder(corner)
      } else {
        unsafe corner.update(repeating: 0, count: map.count)
      }
      if let pooling {
        var geometry = pooling.geometry
        geometry.inputRowStep = map.rowStep
        unsafe kernels.maxPoolGradient(
          geometry, outputGradient: stageGradients, winners: pooling.winners(pass, sample),
          inputGradient: target)
      } else {
        unsafe kernels.copyRows(source.rows(with: map), from: stageGradients, to: target)
      }
    }
    return unsafe made
  }
}
