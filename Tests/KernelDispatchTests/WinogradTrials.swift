import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of Winograd's convolution and of its weight gradient, from maps to maps.
///
/// The bounds are those of any such algorithm: what is computed differs from what it stands for by at
/// most γ(n) · Σ |…|, n the roundings on the longest way from an input to a result.
enum WinogradTrials {
  static let all: [KernelTrial] = (0..<48).flatMap { index in
    let tile = WinogradTile.allCases[index % 3]
    let sample = WinogradCase(tile, seed: 3000 + UInt64(index))
    let forward = forward(sample, hasBias: index % 4 > 0)
    return tile == .f2x3 ? [forward] : [forward, weightGradient(sample)]
  }

  /// The same with components rounded to bfloat16.
  static let bfloat16: [KernelTrial] = (0..<48).flatMap { index in
    let sample = WinogradCase(
      [.f4x3, .f2x5][index % 2], seed: 3300 + UInt64(index), roundsToBFloat16: true)
    return [forward(sample, hasBias: index % 3 > 0), weightGradient(sample)]
  }

  /// The transforms one by one, of ragged maps, first or behind others, and of panels of both widths.
  static let transforms: [KernelTrial] = (0..<24).flatMap { index in
    var generator = SeededGenerator(seed: 3100 + UInt64(index))
    let (rows, columns) = (generator.integer(in: 1...9), generator.integer(in: 1...9))
    let channels = generator.pick([8, 16, 24, 40])
    let columnStep = channels + 8 * generator.integer(in: 0...1)
    let tile = WinogradTile.allCases[index % 3]
    let tiles = tile.count(along: rows) * tile.count(along: columns)
    let firstTile = index / 3 % 3
    var geometry = WinogradGeometry(
      tile, rows: rows, columns: columns, channels: channels, rowStep: 16 * columnStep,
      columnStep: columnStep, componentStep: (firstTile + tiles) * channels + 16)
    geometry.firstTile = firstTile
    let width = generator.pick([8, 16])
    let panel = WinogradPanel(
      tile: tile, channels: channels, width: width, tapStep: channels * width,
      componentStep: channels * width + 16)
    let calls: [KernelCall] = [
      .winogradInput(geometry), .winogradOutput(geometry, hasBias: index % 4 > 0),
      .winogradFilters(panel),
    ]
    let gradients: [KernelCall] = [
      .winogradOutputGradient(geometry), .winogradFilterGradient(panel),
    ]
    return (tile == .f2x3 ? calls : calls + gradients).map {
      $0.trial(TrialConditions(seed: 3100 + UInt64(index)))
    }
  }

  /// The products of components, of one tile and more, beside what lies between them.
  static let componentProducts: [KernelTrial] = (0..<24).map { index in
    var generator = SeededGenerator(seed: 3200 + UInt64(index))
    let rows = index % 4 == 0 ? 1 : generator.integer(in: 2...20)
    let inputs = 8 * generator.integer(in: 1...6)
    let outputs = 8 * generator.integer(in: 1...11)
    let products = ConvolutionGeometry.products(
      components: generator.integer(in: 1...7), rows: rows, inputs: inputs,
      inputComponentStep: rows * inputs + 8 * generator.integer(in: 0...2), outputs: outputs,
      outputComponentStep: rows * outputs + 8 * generator.integer(in: 0...2))
    return KernelCall.convolution(products, hasBias: false)
      .trial(TrialConditions(seed: 3200 + UInt64(index)))
  }

  /// On the way through the input's transform, along both axes: two operations each. Through the
  /// filter's: three and the rounding of a constant, each, and one more for a 5 × 5 kernel. Through the
  /// output's: three each.
  private static func roundings(
    _ tile: WinogradTile, products: Int
  ) -> (fused: Int, separate: Int) {
    let transforms = 2 * (2 + (tile == .f2x5 ? 5 : 4) + 3)
    // Without fused operations, all may round twice.
    return (transforms + products + 1, 2 * (transforms + products) + 1)
  }

  /// Two factors that are rounded to 8 bits, or to 24, make a product that is off by two units of rounding
  /// and their product.
  private static func promise(
    _ values: [Double], at places: [Int], magnitudes: [Double], _ sample: WinogradCase,
    products: Int, in trial: inout KernelTrial
  ) {
    let roundings = roundings(sample.tile, products: products)
    let unit = sample.roundsToBFloat16 ? 0x1p-8 : 0
    func bounds(_ roundings: Int) -> [Double] {
      magnitudes.map {
        Rounded.chainError(roundings: roundings, magnitude: $0) * (1 + unit) * (1 + unit)
          + (2 * unit + unit * unit) * $0
      }
    }
    trial.promise(
      values, at: places, within: bounds(roundings.fused), separate: bounds(roundings.separate))
  }

  private static func forward(_ sample: WinogradCase, hasBias: Bool) -> KernelTrial {
    var place = Places(sample, inputs: .bfloat16)
    let weights = place.memory.place(sample.filters.stored(sample.layer.weights))
    let biases = place.memory.place(
      hasBias
        ? sample.layer.biases
          + Array(repeating: 0, count: place.filters - sample.layer.biases.count)
        : Array(repeating: 0, count: place.filters))
    let map = sample.outputMap
    let output = place.memory.reserve(map.count)
    let products = place.products
    let tiles = place
    var target = place.output
    target.storage = .float32
    target.rowStep = map.rowStep
    target.columnStep = map.columnStep
    let outputGeometry = target

    var trial = KernelTrial("winograd, \(sample.description)", memory: place.memory) {
      kernels, memory in
      kernels.winogradInput(
        tiles.input, input: memory + tiles.inputPlace, components: memory + tiles.inputComponents)
      for panel in 0..<tiles.panels.panels {
        kernels.winogradFilters(
          tiles.input.tile, channels: tiles.channels, width: tiles.panels.width(ofPanel: panel),
          weights: memory + weights + tiles.input.tile.taps * tiles.panels.offset(ofPanel: panel),
          tapStep: tiles.channels * tiles.panels.width(ofPanel: panel),
          components: memory + tiles.filterComponents
            + tiles.componentPanels.offset(ofPanel: panel),
          componentStep: tiles.componentPanels.count, inPairs: sample.roundsToBFloat16)
      }
      kernels.convolve(
        products, input: memory + tiles.inputComponents, weights: memory + tiles.filterComponents,
        bias: nil, output: memory + tiles.outputComponents)
      kernels.winogradOutput(
        outputGeometry, components: memory + tiles.outputComponents,
        bias: hasBias ? FloatPointer(memory + biases) : nil, output: memory + output)
    }
    var layer = sample.layer
    if !hasBias { layer.biases = layer.biases.map { _ in 0 } }
    trial.scratch = place.components
    promise(
      layer.forward(sample.input).values, at: map.places.map { output + $0 },
      magnitudes: sample.output(WinogradMatrices.absolute), sample,
      products: sample.layer.inputChannels, in: &trial)
    trial.promiseZeros(at: map.addedPlaces.map { output + $0 })
    return trial
  }

  private static func weightGradient(_ sample: WinogradCase) -> KernelTrial {
    var place = Places(sample, inputs: .bfloat16RowPairs)
    let map = sample.outputMap
    let gradient = place.memory.place(map.stored(sample.outputGradient.values))
    let result = place.memory.reserve(sample.filters.panels.count)
    let product = ConvolutionGeometry.dense(
      samples: place.output.storage.storedRows(place.tiles), inputs: place.channels,
      inputStep: place.channels, outputs: place.filters, outputStep: place.filters,
      ofBFloat16: sample.roundsToBFloat16)
    let tiles = place
    var source = place.output
    source.rowStep = map.rowStep
    source.columnStep = map.columnStep
    let gradientGeometry = source

    var trial = KernelTrial(
      "winograd weight gradient, \(sample.description)", memory: place.memory
    ) { kernels, memory in
      kernels.winogradInput(
        tiles.input, input: memory + tiles.inputPlace, components: memory + tiles.inputComponents)
      kernels.winogradOutputGradient(
        gradientGeometry, gradient: memory + gradient,
        components: memory + tiles.outputComponents)
      for component in 0..<sample.tile.components {
        kernels.weightGradient(
          product,
          input: memory + tiles.inputComponents + component * tiles.input.componentStep,
          outputGradient: memory + tiles.outputComponents
            + component * gradientGeometry.componentStep,
          weightGradient: memory + tiles.filterComponents + component * tiles.componentPanels.count,
          accumulates: false)
      }
      for panel in 0..<tiles.panels.panels {
        kernels.winogradFilterGradient(
          tiles.input.tile, channels: tiles.channels, width: tiles.panels.width(ofPanel: panel),
          components: memory + tiles.filterComponents
            + tiles.componentPanels.offset(ofPanel: panel),
          componentStep: tiles.componentPanels.count,
          weightGradient: memory + result + tiles.input.tile.taps
            * tiles.panels.offset(ofPanel: panel),
          tapStep: tiles.channels * tiles.panels.width(ofPanel: panel))
      }
    }
    let expected = sample.layer.backward(
      input: sample.input, output: sample.outputGradient, outputGradient: sample.outputGradient)
    trial.scratch = place.components
    promise(
      expected.weights, at: sample.filters.places.map { result + $0 },
      magnitudes: sample.weightGradient(WinogradMatrices.absolute), sample,
      products: place.tiles, in: &trial)
    trial.promiseZeros(at: sample.filters.addedPlaces.map { result + $0 })
    return trial
  }

  /// Memory for the input and for all components.
  private struct Places {
    var memory = GuardedMemory()
    let inputPlace: Int
    let inputComponents: Int
    let outputComponents: Int
    let filterComponents: Int
    let input: WinogradGeometry
    /// Without the steps of a map.
    let output: WinogradGeometry
    let channels: Int
    let filters: Int
    let tiles: Int
    /// Of one tap of the filters.
    let panels: PanelLayout
    /// Of one component of the filters, or of their gradient.
    let componentPanels: PanelLayout

    /// - Parameter inputs: how bfloat16 of the inputs are stored.
    init(_ sample: WinogradCase, inputs: ComponentStorage) {
      let map = StoredMap(sample.tiledInput.shape)
      channels = map.channels
      filters = sample.filters.panels.columns
      tiles = sample.tiles.count
      panels = PanelLayout(rows: channels, columns: filters)
      componentPanels = PanelLayout(
        rows: sample.roundsToBFloat16 && inputs == .bfloat16 ? channels / 2 : channels,
        columns: filters)
      let inputStorage = sample.roundsToBFloat16 ? inputs : .float32
      input = WinogradGeometry(
        sample.tile, rows: sample.rows, columns: sample.columns, channels: channels,
        rowStep: map.rowStep, columnStep: map.columnStep,
        componentStep: inputStorage.storedRows(tiles) * inputStorage.storedColumns(channels) + 16,
        storage: inputStorage)
      output = WinogradGeometry(
        sample.tile, rows: sample.rows, columns: sample.columns, channels: filters, rowStep: 0,
        columnStep: 0, componentStep: tiles * filters + 8,
        storage: sample.roundsToBFloat16 ? .bfloat16RowPairs : .float32)
      inputPlace = memory.place(map.stored(sample.tiledInput.values))
      inputComponents = memory.reserve(sample.tile.components * input.componentStep)
      outputComponents = memory.reserve(sample.tile.components * output.componentStep)
      filterComponents = memory.reserve(sample.tile.components * componentPanels.count)
    }

    /// The products of the inputs' components with the filters'.
    var products: ConvolutionGeometry {
      ConvolutionGeometry.products(
        components: input.tile.components, rows: tiles, inputs: componentPanels.rows,
        inputComponentStep: input.componentStep, outputs: filters,
        outputComponentStep: output.componentStep, ofBFloat16: input.storage == .bfloat16)
    }

    /// Everything but the input and the results.
    var components: [Int] {
      [
        (inputComponents, input.tile.components * input.componentStep),
        (outputComponents, input.tile.components * output.componentStep),
        (filterComponents, input.tile.components * componentPanels.count),
      ].flatMap { Array($0..<$0 + $1) }
    }
  }
}
