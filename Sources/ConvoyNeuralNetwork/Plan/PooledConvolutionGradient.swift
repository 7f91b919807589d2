import ConvoyKernelInterface

/// Gradients of a convolution before max pooling, from lists of the nonzero output gradients: at
/// most one per window, and fewer after a ReLU. The full-size map of output gradients is never
/// built.
struct PooledConvolutionGradient: ConvolutionGradient {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let pooling: ConvolutionLayout.Pooling
  private let filters: FilterMajorLayout
  /// In the worker's scratch.
  private let listsPlace: Int
  /// Offset of the weight gradient, filter-major, in a group's slot.
  private let slotPlace: Int
  private let inputGradient: InputGradient?

  let samplesAtOnce: Int

  private struct InputGradient: Sendable {
    /// Offset of the derived weights, filter-major, in `ParameterMemory`.
    let weightsPlace: Int
    /// Offset in the worker's scratch of maps with the input's layout, border included, because the
    /// taps of listed outputs reach into the border.
    let mapsPlace: Int
  }

  /// Nil where the loops over the full-size map are faster.
  init?(
    _ layout: ConvolutionLayout, _ activation: ActivationFunction, kernels: any KernelSet,
    places: inout PlanPlaces
  ) {
    guard let pooling = layout.pooling else { return nil }
    let filters = layout.geometry.filters
    let map = layout.input.values
    // Multiply-adds that lists save per pooled output; they must outweigh the cost of listing it.
    let passes = layout.input.wantsGradients ? 2 : 1
    // A stride longer than the map saves no more than one as long as the map.
    let positions =
      min(pooling.geometry.rowStride, layout.shape.height)
      * min(pooling.geometry.columnStride, layout.shape.width)
    let spared = (positions - 1) * filters.kernelRows * filters.rowRun * passes
    guard
      spared >= 64,
      layout.gradientTile == nil
        || !layout.size.gradientsSuitWinograd(
          map.shape, behind: pooling.geometry, nonzero: activation.shareOfNonzeroGradients)
    else { return nil }
    self.kernels = kernels
    self.layout = layout
    self.pooling = pooling
    self.filters = filters
    // Enough samples to amortise reading the weights and their gradient, and few enough that their
    // maps stay in cache beside them.
    samplesAtOnce = max(1, min(8, max(16 * 1024, filters.count / 4) / map.count))
    guard samplesAtOnce * map.count <= Int(Int32.max) else { return nil }
    listsPlace = unsafe places.scratch.take(
      GradientLists.count(
        filters: filters.filters, capacity: Self.capacity(pooling.geometry, samplesAtOnce)))
    slotPlace = places.slot.take(filters.count)
    inputGradient =
      layout.input.wantsGradients
      ? InputGradient(
        weightsPlace: places.derivedWeights.take(filters.count),
        mapsPlace: places.scratch.take(samplesAtOnce * map.count + layout.firstTap)) : nil
  }

  private static func capacity(_ pooling: PoolingGeometry, _ samples: Int) -> Int {
    samples * pooling.outputRows * pooling.outputColumns + 1
  }

  func run(_ pass: SamplePass, samples: Range<Int>, _ wanted: WantedGradients) {
    let inputGradient = wanted.inputs ? inputGradient : nil
    if inputGradient == nil, wanted.panels == nil { return }
    // List only the wanted panels, unless the input gradient needs all.
    let panels = inputGradient == nil ? wanted.panels : nil
    let geometry = panels.map { layout.geometry(ofPanels: $0) } ?? layout.geometry
    let first = (panels?.lowerBound ?? 0) * PanelLayout.panelWidth
    let scratch = unsafe pass.scratch
    let map = layout.input.values
    let lists = unsafe GradientLists(
      pointer: scratch + listsPlace, capacity: Self.capacity(pooling.geometry, samplesAtOnce))
    for sample in samples {
      unsafe kernels.listPooledGradients(
        geometry, pooling: pooling.geometry,
        outputGradient: pass.gradients(layout.output, sample) + first,
        winners: pooling.winners(pass, sample) + first,
        offset: (sample - samples.lowerBound) * map.count, lists: lists,
        empty: sample == samples.lowerBound)
    }
    if wanted.panels != nil {
      unsafe kernels.listedWeightGradient(
        geometry, lists: lists,
        input: pass.values(layout.input, samples.lowerBound) + layout.firstTap,
        weightGradient: pass.slotPointer + slotPlace + first * filters.filterStep,
        accumulates: samples.lowerBound > 0)
    }

    guard let inputGradient else { return }
    let maps = unsafe scratch + inputGradient.mapsPlace
    unsafe kernels.listedInputGradient(
      layout.geometry, lists: lists,
      weights: pass.parameters.derivedWeights + inputGradient.weightsPlace,
      inputGradient: maps + layout.firstTap, count: samples.count * map.count)
    let target = layout.input.gradients
    for sample in samples {
      unsafe kernels.copyRows(
        map.rows(with: target),
        from: maps + (sample - samples.lowerBound) * map.count + map.start,
        to: pass.gradients(layout.input, sample) + target.start)
    }
  }

  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, slots: Int,
    into gradient: MutableFloatPointer
  ) {
    unsafe kernels.sumFilterSlots(
      slots, step: batch.slotStep, layout: filters,
      filters: layout.geometry.weights.width(ofPanel: panel), taps: rows,
      values: batch.slot(0) + slotPlace + panel * PanelLayout.panelWidth * filters.filterStep,
      sums: gradient)
  }

  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory) {
    guard let inputGradient else { return }
    let width = layout.geometry.weights.width(ofPanel: panel)
    let target =
      unsafe memory.derivedWeights.pointer + inputGradient.weightsPlace
      + panel * PanelLayout.panelWidth * filters.filterStep
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: PanelLayout.panelWidth) {
      unsafe kernels.transposeTile(
        rows: min(PanelLayout.panelWidth, rows.upperBound - row), columns: width,
        source: weights + (row - rows.lowerBound) * width, destination: target + row,
        destinationStep: filters.filterStep)
    }
  }
}

extension ActivationFunction {
  /// Estimated: rectified gradients are as often zero as not.
  fileprivate var shareOfNonzeroGradients: Double {
    switch self {
    case .relu, .relu6: 0.5
    default: 1
    }
  }
}
