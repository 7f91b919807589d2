import ConvoyKernelInterface

/// Gradients of a convolution before max pooling, from lists of those outputs whose gradient is not
/// zero: one in a window at most, and fewer after a ReLU. The full-size map of output gradients is
/// never made.
struct PooledConvolutionGradient: ConvolutionGradient {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let pooling: ConvolutionLayout.Pooling
  private let filters: FilterMajorLayout
  /// In the worker's scratch.
  private let listsPlace: Int
  /// Where the weight gradient lies in a group's slot, filter-major.
  private let slotPlace: Int
  private let inputGradient: InputGradient?

  let samplesAtOnce: Int

  private struct InputGradient: Sendable {
    /// The weights, filter-major, in `ParameterMemory`.
    let weightsPlace: Int
    /// Maps as the input's, border included, in the worker's scratch: listed outputs reach into the
    /// border.
    let mapsPlace: Int
  }

  /// Nil where the loops over the full-size map are faster.
  init?(_ layout: ConvolutionLayout, kernels: any KernelSet, places: inout PlanPlaces) {
    guard let pooling = layout.pooling else { return nil }
    let filters = layout.geometry.filters
    let map = layout.input.values
    // Multiply-adds a pooled output that lists spare, against what it costs to list one.
    let passes = layout.input.wantsGradients ? 2 : 1
    // A stride past the map's end, which may be far out, steps no further than one to its end.
    let stride = min(pooling.geometry.stride, max(layout.shape.height, layout.shape.width))
    let spared = (stride * stride - 1) * filters.kernelRows * filters.rowRun * passes
    guard spared >= 64 else { return nil }
    self.kernels = kernels
    self.layout = layout
    self.pooling = pooling
    self.filters = filters
    // Enough samples that reading the weights and their gradient once for all of them is cheap, and
    // few enough that their maps stay in the cache beside those.
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
    // Of the wanted panels alone, if no input gradient is: that needs all.
    let panels = inputGradient == nil ? wanted.panels : nil
    let geometry = panels.map { layout.geometry(ofPanels: $0) } ?? layout.geometry
    let first = (panels?.lowerBound ?? 0) * PanelLayout.panelWidth
    let scratch = unsafe pass.worker.scratch.pointer
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
        weightGradient: pass.slot + slotPlace + first * filters.filterStep,
        accumulates: samples.lowerBound > 0)
    }

    guard let inputGradient else { return }
    let maps = unsafe scratch + inputGradient.mapsPlace
    unsafe kernels.listedInputGradient(
      layout.geometry, lists: lists,
      weights: pass.parameters.derivedWeights.pointer + inputGradient.weightsPlace,
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
    panel: Int, rows: Range<Int>, batch: BatchMemory, groups: Int,
    into gradient: MutableFloatPointer
  ) {
    unsafe kernels.sumFilterSlots(
      groups, step: batch.slotStep, layout: filters,
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
