import ConvoyKernelInterface

/// The convolution by Winograd's algorithm. With max pooling, scratch holds the full-size maps of a
/// few samples until they are pooled.
struct WinogradConvolutionForward: ConvolutionForward {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let activation: ActivationFunction
  private let convolution: WinogradConvolution
  /// In the worker's scratch.
  private let mapsPlace: Int

  var samplesAtOnce: Int { convolution.tiling.samples }

  /// Nil where the algorithm is not faster.
  init?(
    _ layout: ConvolutionLayout, _ activation: ActivationFunction, kernels: any KernelSet,
    places: inout PlanPlaces
  ) {
    guard let tile = layout.forwardTile else { return nil }
    self.kernels = kernels
    self.layout = layout
    self.activation = activation
    convolution = WinogradConvolution(
      tile, rows: layout.shape.height, columns: layout.shape.width, input: layout.input.values,
      filters: layout.filters, rowStep: layout.geometry.outputRowStep,
      precision: layout.size.precision, kernels: kernels, places: &places)
    let maps = layout.pooling == nil ? 0 : convolution.tiling.samples
    mapsPlace = places.scratch.take(maps * layout.shape.height * layout.geometry.outputRowStep)
  }

  func run(_ pass: SamplePass, samples: Range<Int>) {
    let output = layout.output
    let target = unsafe pass.values(output, samples.lowerBound) + output.values.start
    let maps = unsafe pass.scratch + mapsPlace
    let mapStep = layout.shape.height * layout.geometry.outputRowStep
    unsafe convolution.run(
      pass, samples: samples.count,
      from: pass.values(layout.input, samples.lowerBound) + layout.firstTap,
      inputStep: layout.input.values.count,
      bias: pass.parameters.values + layout.parameters.biasesPlace,
      to: layout.pooling == nil ? target : maps,
      outputStep: layout.pooling == nil ? output.values.count : mapStep)
    for sample in samples {
      let target = unsafe pass.values(output, sample) + output.values.start
      if let pooling = layout.pooling {
        unsafe kernels.maxPool(
          pooling.geometry, input: maps + (sample - samples.lowerBound) * mapStep,
          output: target, winners: pooling.winners(pass, sample))
      }
      unsafe kernels.activate(
        activation, output.values.rows(with: output.gradients), values: target)
    }
  }

  func refresh(panel: Int, in memory: ParameterMemory) {
    unsafe convolution.transform(
      memory.values.pointer + layout.parameters.weightsPlace, panel: panel,
      channels: 0..<layout.input.values.channels, in: memory)
  }
}
