import ConvoyKernelInterface

/// The convolution tap by tap. With max pooling over windows that do not overlap, scratch holds one
/// band of rows; with overlapping windows, the full-size map.
struct DirectConvolutionForward: ConvolutionForward {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let activation: ActivationFunction
  /// Offset in the worker's scratch of the rows before pooling.
  private let bandPlace: Int

  let samplesAtOnce: Int

  init(
    _ layout: ConvolutionLayout, _ activation: ActivationFunction, kernels: any KernelSet,
    places: inout PlanPlaces
  ) {
    self.kernels = kernels
    self.layout = layout
    self.activation = activation
    samplesAtOnce = layout.joinedSamples(from: layout.input.values, to: layout.output.values)
    let rows = layout.pooling.map {
      $0.geometry.overlaps ? layout.shape.height : $0.geometry.kernelRows
    }
    bandPlace = places.scratch.take((rows ?? 0) * layout.shape.width * layout.filters)
  }

  func run(_ pass: SamplePass, samples: Range<Int>) {
    let weights = unsafe FloatPointer(
      pass.parameters.values + layout.parameters.weightsPlace)
    let biases = unsafe FloatPointer(pass.parameters.values + layout.parameters.biasesPlace)
    let output = layout.output
    let first = samples.lowerBound
    let source = unsafe FloatPointer(pass.values(layout.input, first) + layout.firstTap)
    let target = unsafe pass.values(output, first) + output.values.start
    if let pooling = layout.pooling {
      unsafe kernels.convolveAndMaxPool(
        layout.geometry, pooling: pooling.geometry, activation: activation, input: source,
        weights: weights, bias: biases, band: pass.scratch + bandPlace,
        output: target, winners: pooling.winners(pass, first))
    } else {
      var geometry = layout.geometry
      geometry.outputRows *= samples.count
      var rows = output.values.rows(with: output.gradients)
      rows.rows *= samples.count
      let (panels, channels) = (layout.weights.layout, layout.channelsAGroup)
      let filters = panels.columns
      for group in 0..<layout.weights.groups {
        unsafe kernels.convolve(
          geometry, input: source + group * channels, weights: weights + group * panels.count,
          bias: biases + group * filters, output: target + group * filters)
      }
      unsafe kernels.activate(activation, rows, values: target)
    }
  }

  func refresh(panel: Int, in memory: ParameterMemory) {}
}
