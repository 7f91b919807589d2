import KernelInterface

/// A 3 × 3 convolution of stride 1 by Winograd's algorithm: each tile of 4 × 4 outputs takes a quarter
/// of the products (Lavin and Gray, 2016).
///
/// Tiles are transformed a group at a time, so that their components stay in the second cache; for
/// each of the 36 components, the group's products are a matrix product over channels.
struct WinogradConvolution: Sendable {
  private let input: WinogradGeometry
  private let output: WinogradGeometry
  private let kernels: any KernelSet
  /// The components of the filters, in `ParameterMemory`.
  private let filtersPlace: Int
  /// The components of tiles and of their products, in the worker's scratch.
  private let inputPlace: Int
  private let outputPlace: Int
  /// Rows of tiles taken at once of a sample that has many.
  private let tileRowsAtOnce: Int
  /// Samples that are best taken at a time: several where one has few tiles.
  let samplesAtOnce: Int

  /// Tiles that make a matrix product worth its call.
  private static let tilesAtOnce = 16

  /// - Parameters:
  ///   - rows: of the output, as `columns` is.
  ///   - input: the map with the border that the tiles read.
  ///   - rowStep: in the output, in floats.
  init(
    rows: Int, columns: Int, input: FeatureMap, filters: Int, rowStep: Int,
    kernels: any KernelSet, places: inout StagePlaces
  ) {
    self.kernels = kernels
    let tileRows = WinogradGeometry.tiles(along: rows)
    let tileColumns = WinogradGeometry.tiles(along: columns)
    samplesAtOnce = max(1, Self.tilesAtOnce / (tileRows * tileColumns))
    tileRowsAtOnce = min(tileRows, max(1, Self.tilesAtOnce / tileColumns))
    let tiles = samplesAtOnce * tileRowsAtOnce * tileColumns
    self.input = WinogradGeometry(
      rows: rows, columns: columns, channels: input.channels, rowStep: input.rowStep,
      columnStep: input.channels,
      componentStep: Self.componentStep(tiles * input.channels))
    output = WinogradGeometry(
      rows: rows, columns: columns, channels: filters, rowStep: rowStep, columnStep: filters,
      componentStep: Self.componentStep(tiles * filters))
    let components = WinogradGeometry.components
    filtersPlace = places.derivedWeights.take(components * input.channels * filters)
    inputPlace = places.scratch.take(components * self.input.componentStep)
    outputPlace = places.scratch.take(components * output.componentStep)
  }

  /// A cache line more than needed: components that lie a multiple of 4096 bytes apart would compete
  /// for the same lines of the first cache.
  static func componentStep(_ count: Int) -> Int { count + 16 }

  private var filters: PanelLayout {
    PanelLayout(rows: input.channels, columns: output.channels)
  }

  /// Overwrites the outputs of up to `samplesAtOnce` samples. Inputs and outputs lie `inputStep` and
  /// `outputStep` apart; `input` is the corner of the border.
  func run(
    _ pass: ShardPass, samples: Int, from source: FloatPointer, inputStep: Int,
    bias: FloatPointer?, to target: MutableFloatPointer, outputStep: Int
  ) {
    let scratch = pass.worker.scratch.pointer
    let (inputs, outputs) = (scratch + inputPlace, scratch + outputPlace)
    let size = WinogradGeometry.tileSize
    for tileRow in stride(from: 0, to: input.tileRows, by: tileRowsAtOnce) {
      var (input, output) = (input, output)
      input.rows = min(size * tileRowsAtOnce, input.rows - size * tileRow)
      output.rows = input.rows
      let tiles = input.tileRows * input.tileColumns
      for sample in 0..<samples {
        kernels.winogradInput(
          input, input: source + (sample * inputStep + tileRow * size * input.rowStep),
          components: inputs + sample * tiles * input.channels)
      }
      multiply(pass, rows: samples * tiles, inputs: inputs, outputs: outputs)
      for sample in 0..<samples {
        kernels.winogradOutput(
          output, components: outputs + sample * tiles * output.channels, bias: bias,
          output: target + (sample * outputStep + tileRow * size * output.rowStep))
      }
    }
  }

  /// The matrix product of each component.
  private func multiply(
    _ pass: ShardPass, rows: Int, inputs: FloatPointer, outputs: MutableFloatPointer
  ) {
    let product = ConvolutionGeometry.dense(
      samples: rows, inputs: input.channels, inputStep: input.channels,
      outputs: output.channels, outputStep: output.channels)
    let weights = pass.parameters.derivedWeights.pointer + filtersPlace
    for component in 0..<WinogradGeometry.components {
      kernels.convolve(
        product, input: inputs + component * input.componentStep,
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
    let taps = WinogradGeometry.kernelSize * WinogradGeometry.kernelSize
    let first = channels.lowerBound * width
    kernels.winogradFilters(
      channels: channels.count, width: width,
      weights: weights + taps * filters.offset(ofPanel: panel) + first,
      tapStep: input.channels * width,
      components: memory.derivedWeights.pointer + filtersPlace
        + filters.offset(ofPanel: panel) + first,
      componentStep: filters.count)
  }
}
