import ConvoyKernelInterface

/// A convolution of stride 1 by Winograd's algorithm: each tile of 4 × 4 outputs of a 3 × 3 kernel
/// takes a quarter of the products, each of 2 × 2 outputs of a 5 × 5 kernel 36% (Lavin and Gray, 2016).
///
/// Tiles are transformed in groups. Each component of a group is multiplied as a matrix
/// product over channels.
struct WinogradConvolution: Sendable {
  let tiling: WinogradTiling
  private let input: WinogradGeometry
  private let output: WinogradGeometry
  private let kernels: any KernelSet
  /// One component of the filters: a row for each number, or pair, of input channels.
  private let filters: PanelLayout
  /// Whether components of inputs and filters are bfloat16.
  private let roundsProducts: Bool
  /// The components of the filters, in `ParameterMemory`.
  private let filtersPlace: Int
  /// The components in a call of the kernel.
  private let componentsAtOnce: Int
  /// The components of tiles and of their products, in the worker's scratch.
  private let inputPlace: Int
  private let outputPlace: Int

  /// - Parameters:
  ///   - rows: output rows; `columns` likewise.
  ///   - input: the map with the border that the tiles read.
  ///   - rowStep: of the output, in floats.
  init(
    _ tile: WinogradTile, rows: Int, columns: Int, input: FeatureMap, filters: Int, rowStep: Int,
    precision: Precision, kernels: any KernelSet, places: inout PlanPlaces
  ) {
    self.kernels = kernels
    let components = tile.components
    // F(2 × 2, 3 × 3) is only used to judge single samples, which is done in single precision.
    roundsProducts = precision == .bf16 && tile != .f2x3
    let filterStorage: ComponentStorage = roundsProducts ? .bfloat16RowPairs : .float32
    self.filters = PanelLayout(rows: filterStorage.storedRows(input.channels), columns: filters)
    let filterBytes = components * self.filters.count * MemoryLayout<Float>.stride
    // Every group of tiles reads the filters anew.
    tiling = WinogradTiling(
      tile, rows: rows, columns: columns,
      target: filterBytes > NetworkPlan.secondCacheBytes ? 32 : 16)
    // One call reads the tiles of all components anew for each panel of the filters, which pays while
    // both stay in the second cache.
    componentsAtOnce = 2 * filterBytes > NetworkPlan.secondCacheBytes ? 1 : components
    self.input = tiling.geometry(
      rows: rows, columns: columns, channels: input.channels, rowStep: input.rowStep,
      storage: roundsProducts ? .bfloat16 : .float32)
    output = tiling.geometry(rows: rows, columns: columns, channels: filters, rowStep: rowStep)
    filtersPlace = places.derivedWeights.take(components * self.filters.count)
    inputPlace = places.scratch.take(components * self.input.componentStep)
    outputPlace = places.scratch.take(components * output.componentStep)
  }

  /// Overwrites the outputs of some samples. Inputs and outputs are `inputStep` and `outputStep`
  /// apart; `source` is the corner of the border.
  func run(
    _ pass: SamplePass, samples: Int, from source: FloatPointer, inputStep: Int,
    bias: FloatPointer?, to target: MutableFloatPointer, outputStep: Int
  ) {
    let scratch = unsafe pass.scratch
    let (inputs, outputs) = unsafe (scratch + inputPlace, scratch + outputPlace)
    tiling.forEachGroup(samples: samples, rows: input.rows) { first, count, row, rows in
      var (input, output) = (input, output)
      input.rows = rows
      output.rows = rows
      let tiles = input.tileRows * input.tileColumns
      for sample in 0..<count {
        input.firstTile = sample * tiles
        unsafe kernels.winogradInput(
          input, input: source + ((first + sample) * inputStep + row * input.rowStep),
          components: inputs)
      }
      unsafe multiply(pass, tiles: count * tiles, inputs: inputs, outputs: outputs)
      for sample in 0..<count {
        output.firstTile = sample * tiles
        unsafe kernels.winogradOutput(
          output, components: outputs, bias: bias,
          output: target + ((first + sample) * outputStep + row * output.rowStep))
      }
    }
  }

  /// The matrix product of each component.
  private func multiply(
    _ pass: SamplePass, tiles: Int, inputs: FloatPointer, outputs: MutableFloatPointer
  ) {
    let products = ConvolutionGeometry.products(
      components: componentsAtOnce, rows: tiles, inputs: filters.rows,
      inputComponentStep: input.componentStep, outputs: output.channels,
      outputComponentStep: output.componentStep, ofBFloat16: roundsProducts)
    let weights = unsafe pass.parameters.derivedWeights + filtersPlace
    for component in stride(from: 0, to: tiling.tile.components, by: componentsAtOnce) {
      unsafe kernels.convolve(
        products, input: inputs + component * input.componentStep,
        weights: weights + component * filters.count, bias: nil,
        output: outputs + component * output.componentStep)
    }
  }

  /// Transforms filters that have changed.
  ///
  /// - Parameters:
  ///   - weights: in panels whose rows are (kernel row, kernel column, input channel).
  ///   - panel: of the output channels.
  ///   - channels: input channels whose rows have changed.
  func transform(
    _ weights: FloatPointer, panel: Int, channels: Range<Int>, in memory: ParameterMemory
  ) {
    let width = filters.width(ofPanel: panel)
    let weightsOfTap = PanelLayout(rows: input.channels, columns: output.channels)
    let row = roundsProducts ? channels.lowerBound / 2 : channels.lowerBound
    unsafe kernels.winogradFilters(
      tiling.tile, channels: channels.count, width: width,
      weights: weights
        + (tiling.tile.taps * weightsOfTap.offset(ofPanel: panel) + channels.lowerBound * width),
      tapStep: input.channels * width,
      components: memory.derivedWeights.pointer
        + (filtersPlace + filters.offset(ofPanel: panel) + row * width),
      componentStep: filters.count, inPairs: roundsProducts)
  }
}
