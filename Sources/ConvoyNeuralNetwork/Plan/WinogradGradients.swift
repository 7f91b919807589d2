import ConvoyKernelInterface

/// The weight gradient of a convolution by Winograd's algorithm, component by component:
/// products of inputs and output gradients, summed over a group's tiles and transformed back once
/// (Lavin and Gray, 2016, there for F(3 × 3, 2 × 2)).
struct WinogradWeightGradient: Sendable {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let map: FeatureMap
  private let tiling: WinogradTiling
  private let input: WinogradGeometry
  private let gradient: WinogradGeometry
  /// In the worker's scratch: the components of inputs and of output gradients, and of the weight
  /// gradient.
  private let inputPlace: Int
  private let gradientPlace: Int
  private let weightsPlace: Int

  /// Larger than the forward pass's: each group reads and writes the weight gradient's components.
  static func tiling(_ layout: ConvolutionLayout, _ tile: WinogradTile) -> WinogradTiling {
    WinogradTiling(tile, rows: layout.shape.height, columns: layout.shape.width, target: 32)
  }

  /// - Parameter map: of output gradients.
  init(
    _ layout: ConvolutionLayout, _ tile: WinogradTile, _ map: FeatureMap, kernels: any KernelSet,
    places: inout PlanPlaces
  ) {
    precondition(tile != .f2x3, "F(2 × 2, 3 × 3) has no gradients.")
    self.kernels = kernels
    self.layout = layout
    self.map = map
    tiling = Self.tiling(layout, tile)
    let (values, shape) = (layout.input.values, layout.shape)
    let storage: ComponentStorage =
      layout.size.precision == .bf16 ? .bfloat16RowPairs : .float32
    input = tiling.geometry(
      rows: shape.height, columns: shape.width, channels: values.channels, rowStep: values.rowStep,
      storage: storage)
    gradient = tiling.geometry(
      rows: shape.height, columns: shape.width, channels: layout.filters, rowStep: map.rowStep,
      storage: storage)
    let components = tile.components
    inputPlace = places.scratch.take(components * input.componentStep)
    gradientPlace = places.scratch.take(components * gradient.componentStep)
    weightsPlace = places.scratch.take(components * values.channels * layout.filters)
  }

  /// One component of the weights.
  private var weights: PanelLayout {
    PanelLayout(rows: input.channels, columns: gradient.channels)
  }

  /// Adds the samples' products to the components of the group's weight gradient. The first sample
  /// of the pass overwrites them.
  func add(
    _ pass: SamplePass, _ samples: Range<Int>, _ panels: Range<Int>, _ gradients: FloatPointer
  ) {
    let scratch = unsafe pass.scratch
    let (inputs, outputs) = unsafe (scratch + inputPlace, scratch + gradientPlace)
    let inputMap = layout.input.values
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
        (input.firstTile, gradient.firstTile) = (sample * tiles, sample * tiles)
        unsafe kernels.winogradInput(
          input, input: values + ((first + sample) * inputMap.count + row * inputMap.rowStep),
          components: inputs)
        unsafe kernels.winogradOutputGradient(
          gradient, gradient: corner + ((first + sample) * map.count + row * map.rowStep),
          components: outputs)
      }
      let product = ConvolutionGeometry.dense(
        samples: input.storage.storedRows(count * tiles), inputs: input.channels,
        inputStep: input.channels, outputs: filters, outputStep: filters,
        ofBFloat16: input.storage == .bfloat16RowPairs)
      for component in 0..<tiling.tile.components {
        unsafe kernels.weightGradient(
          product, input: inputs + component * input.componentStep,
          outputGradient: outputs + component * gradient.componentStep,
          weightGradient: sums + component * weights.count,
          accumulates: samples.lowerBound + first > 0 || row > 0)
      }
    }
  }

  /// Overwrites the slot by the gradient that the components give.
  func transformBack(_ pass: SamplePass, _ panels: Range<Int>, to slot: WeightSlot) {
    for panel in panels {
      let width = weights.width(ofPanel: panel)
      let offset = weights.offset(ofPanel: panel)
      unsafe kernels.winogradFilterGradient(
        tiling.tile, channels: weights.rows, width: width,
        components: pass.scratch + (weightsPlace + offset),
        componentStep: weights.count, weightGradient: slot.gradient(pass, panel: panel),
        tapStep: weights.rows * width)
    }
  }
}

/// The input gradient of a convolution by Winograd's algorithm: a convolution of the output
/// gradient with the filters rotated by 180° and transposed.
struct WinogradInputGradient: Sendable {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let map: FeatureMap
  /// Lays out the rotated filters.
  private let turned: ConvolutionInputGradient
  private let convolution: WinogradConvolution

  /// - Parameter map: of output gradients.
  init(
    _ layout: ConvolutionLayout, _ tile: WinogradTile, _ map: FeatureMap,
    turned: ConvolutionInputGradient, kernels: any KernelSet, places: inout PlanPlaces
  ) {
    self.kernels = kernels
    self.layout = layout
    self.map = map
    self.turned = turned
    let (input, target) = (layout.input.values.shape, layout.input.gradients)
    convolution = WinogradConvolution(
      tile, rows: input.height, columns: input.width, input: map, filters: target.channels,
      rowStep: target.rowStep, precision: layout.size.precision, kernels: kernels, places: &places)
  }

  func run(_ pass: SamplePass, _ samples: Range<Int>, _ gradients: FloatPointer) {
    let target = layout.input.gradients
    unsafe convolution.run(
      pass, samples: samples.count, from: gradients, inputStep: map.count, bias: nil,
      to: pass.gradients(layout.input, samples.lowerBound) + target.start,
      outputStep: target.count)
  }

  /// Updates the filters after rows of a panel have changed.
  func refresh(
    panel: Int, rows: Range<Int>, width: Int, weights: FloatPointer, in memory: ParameterMemory
  ) {
    let filters = unsafe memory.derivedWeights.pointer
    unsafe turned.rearrange(
      kernels, weights: weights, panel: panel, rows: rows, width: width, into: filters)
    let first = panel * PanelLayout.panelWidth
    let channels = PanelLayout(rows: 0, columns: layout.input.gradients.channels)
    for target in 0..<channels.panels {
      unsafe convolution.transform(
        filters + turned.firstPlace, panel: target, channels: first..<first + width, in: memory)
    }
  }
}
