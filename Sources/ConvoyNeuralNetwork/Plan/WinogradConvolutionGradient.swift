import ConvoyKernelInterface

/// Gradients of a convolution that suits Winograd's algorithm and has no fused pooling: a quarter
/// of the products, as in the forward pass.
///
/// The input gradient is a convolution of the output gradient with the filters rotated by 180° and
/// transposed. The weight gradient is computed component by component: products of inputs and
/// output gradients, summed over a group's tiles and transformed back once (Lavin and Gray, 2016,
/// there for F(3 × 3, 2 × 2)).
struct WinogradConvolutionGradient: ConvolutionGradient {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let outputGradients: OutputGradientMap
  private let tiling: WinogradTiling
  private let input: WinogradGeometry
  private let gradient: WinogradGeometry
  /// In the worker's scratch: the components of inputs and of output gradients, and of the weight
  /// gradient.
  private let inputPlace: Int
  private let gradientPlace: Int
  private let weightsPlace: Int
  private let slot: WeightSlot
  private let inputGradient: InputGradient?

  var samplesAtOnce: Int { tiling.samples }

  private struct InputGradient: Sendable {
    /// Lays out the rotated filters.
    let turned: ConvolutionInputGradient
    let convolution: WinogradConvolution
  }

  /// Nil where the algorithm is not faster.
  init?(_ layout: ConvolutionLayout, kernels: any KernelSet, places: inout PlanPlaces) {
    guard layout.usesWinograd, layout.pooling == nil else { return nil }
    self.kernels = kernels
    self.layout = layout
    let (map, shape) = (layout.input.values, layout.shape)
    // More than for the forward pass: each group reads and writes the weight gradient's components.
    tiling = WinogradTiling(rows: shape.height, columns: shape.width, target: 32)
    let outputGradients = OutputGradientMap(layout, samples: tiling.samples, places: &places)
    self.outputGradients = outputGradients
    input = tiling.geometry(
      rows: shape.height, columns: shape.width, channels: map.channels, rowStep: map.rowStep)
    gradient = tiling.geometry(
      rows: shape.height, columns: shape.width, channels: layout.filters,
      rowStep: outputGradients.map.rowStep)
    let components = WinogradGeometry.components
    inputPlace = places.scratch.take(components * input.componentStep)
    gradientPlace = places.scratch.take(components * gradient.componentStep)
    weightsPlace = places.scratch.take(components * map.channels * layout.filters)
    slot = WeightSlot(layout.geometry.weights, in: &places.slot)
    guard layout.input.wantsGradients else {
      inputGradient = nil
      return
    }
    let target = layout.input.gradients
    inputGradient = InputGradient(
      turned: ConvolutionInputGradient(
        size: layout.size, input: map.shape, output: outputGradients.map, gradients: target,
        places: &places.derivedWeights),
      convolution: WinogradConvolution(
        rows: map.shape.height, columns: map.shape.width, input: outputGradients.map,
        filters: target.channels, rowStep: target.rowStep, kernels: kernels, places: &places))
  }

  /// One component of the weights.
  private var weights: PanelLayout {
    PanelLayout(rows: input.channels, columns: gradient.channels)
  }

  func run(_ pass: SamplePass, samples: Range<Int>, _ wanted: WantedGradients) {
    let inputGradient = wanted.inputs ? inputGradient : nil
    if inputGradient == nil, wanted.panels == nil { return }
    let gradients = unsafe outputGradients.gradients(pass, samples, kernels: kernels)
    if let panels = wanted.panels {
      unsafe sumComponents(pass, samples, panels, gradients)
      if samples.upperBound == pass.samples.count { transformBack(pass, panels) }
    }

    guard let inputGradient else { return }
    let target = layout.input.gradients
    unsafe inputGradient.convolution.run(
      pass, samples: samples.count, from: gradients, inputStep: outputGradients.map.count,
      bias: nil, to: pass.gradients(layout.input, samples.lowerBound) + target.start,
      outputStep: target.count)
  }

  /// Adds the samples' products to the components of the group's weight gradient.
  private func sumComponents(
    _ pass: SamplePass, _ samples: Range<Int>, _ panels: Range<Int>, _ gradients: FloatPointer
  ) {
    let scratch = unsafe pass.worker.scratch.pointer
    let (inputs, outputs) = unsafe (scratch + inputPlace, scratch + gradientPlace)
    let (inputMap, map) = (layout.input.values, outputGradients.map)
    let values = unsafe pass.values(layout.input, samples.lowerBound) + layout.firstTap
    let filters = layout.geometry(ofPanels: panels).outputChannels
    let corner = unsafe gradients + (map.start + panels.lowerBound * PanelLayout.panelWidth)
    let sums = unsafe scratch + (weightsPlace + weights.offset(ofPanel: panels.lowerBound))
    tiling.forEachGroup(samples: samples.count, rows: input.rows) { first, count, row, rows in
      var (input, gradient) = (input, gradient)
      input.rows = rows
      gradient.rows = rows
      gradient.channels = filters
      let tiles = input.tileRows * input.tileColumns
      for sample in 0..<count {
        unsafe kernels.winogradInput(
          input, input: values + ((first + sample) * inputMap.count + row * inputMap.rowStep),
          components: inputs + sample * tiles * input.channels)
        unsafe kernels.winogradOutputGradient(
          gradient, gradient: corner + ((first + sample) * map.count + row * map.rowStep),
          components: outputs + sample * tiles * filters)
      }
      let product = ConvolutionGeometry.dense(
        samples: count * tiles, inputs: input.channels, inputStep: input.channels,
        outputs: filters, outputStep: filters)
      for component in 0..<WinogradGeometry.components {
        unsafe kernels.weightGradient(
          product, input: inputs + component * input.componentStep,
          outputGradient: outputs + component * gradient.componentStep,
          weightGradient: sums + component * weights.count,
          accumulates: samples.lowerBound + first > 0 || row > 0)
      }
    }
  }

  private func transformBack(_ pass: SamplePass, _ panels: Range<Int>) {
    for panel in panels {
      let width = weights.width(ofPanel: panel)
      let offset = weights.offset(ofPanel: panel)
      unsafe kernels.winogradFilterGradient(
        channels: weights.rows, width: width,
        components: pass.worker.scratch.pointer + (weightsPlace + offset),
        componentStep: weights.count, weightGradient: slot.gradient(pass, panel: panel),
        tapStep: weights.rows * width)
    }
  }

  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, groups: Int,
    into gradient: MutableFloatPointer
  ) {
    unsafe slot.sum(kernels, panel: panel, rows: rows, batch: batch, groups: groups, into: gradient)
  }

  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory) {
    guard let inputGradient else { return }
    let width = self.weights.width(ofPanel: panel)
    let turned = unsafe memory.derivedWeights.pointer
    unsafe inputGradient.turned.rearrange(
      kernels, weights: weights, panel: panel, rows: rows, width: width, into: turned)
    let first = panel * PanelLayout.panelWidth
    let channels = PanelLayout(rows: 0, columns: layout.input.gradients.channels)
    for target in 0..<channels.panels {
      unsafe inputGradient.convolution.transform(
        turned + inputGradient.turned.firstPlace, panel: target,
        channels: first..<first + width, in: memory)
    }
  }
}
