import ConvoyKernelInterface

/// A convolution, optional max pooling, and an activation.
struct ConvolutionOperation: ActivatedOperation {
  let size: ConvolutionSize
  let isDepthwise: Bool
  let isTrainable: Bool
  let initialization: LayerInitialization?
  var activation = ActivationFunction.identity
  var maxPooling: Window?

  var parameterGradients: ParameterGradients { isTrainable ? .groups : .none }
  var backwardReads: BackwardReads { activation.backwardReads.union(isTrainable ? .input : []) }
  var readsAnyChannels: Bool { size.groups == 1 }

  func keptCount(_ output: FeatureMap) -> Int { maxPooling == nil ? 0 : output.interiorCount }

  func inputBorder(for input: FeatureShape) -> FeatureMap.Border { size.inputBorder(for: input) }

  func gradientBorder(for input: FeatureShape) -> FeatureMap.Border {
    maxPooling == nil ? size.gradientBorder(for: input) : FeatureMap.Border()
  }

  func coversInput(_ input: FeatureShape, output: FeatureShape) -> Bool {
    size.coversInput
  }

  /// A winner is stored as its offset in the input, in a float, which is exact up to 2²⁴.
  func fits(_ input: FeatureShape, border: FeatureMap.Border) -> Bool {
    guard let maxPooling else { return true }
    return size.reach(of: maxPooling, in: input, border: border) <= 1 << 24
  }

  /// Activations are monotonic, so they commute with max pooling.
  func joining(maxPooling window: Window) -> (any NodeOperation)? {
    guard maxPooling == nil, size.groups == 1, !size.hasDilatedColumns else { return nil }
    var joined = self
    joined.maxPooling = window
    return joined
  }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    ConvolutionStage(self, at: site, places: &places)
  }
}

/// A convolution fused with its activation and optional max pooling. The map before pooling is held
/// for a few samples at most.
struct ConvolutionStage: ParameterStage {
  let kernels: any KernelSet
  let activation: ActivationFunction
  let tensors: [ParameterTensor]
  private let layout: ConvolutionLayout
  private let forward: any ConvolutionForward
  private let gradient: any ConvolutionGradient
  private let sumsGroupsApart: Bool
  /// Offset of the bias gradient in a group's slot.
  private let biasSlotPlace: Int

  var input: Edge { layout.input }
  var output: Edge { layout.output }
  /// Whether it multiplies numbers of less than single precision.
  var roundsProducts: Bool { layout.size.precision != .fp32 && layout.tile != nil }

  init(_ operation: ConvolutionOperation, at site: NodeSite, places: inout PlanPlaces) {
    let (size, input, output) = (operation.size, site.input, site.output)
    let (activation, maxPooling, kernels) = (
      operation.activation, operation.maxPooling, site.kernels
    )
    self.activation = activation
    self.kernels = kernels
    sumsGroupsApart = site.sumsGroupsApart
    let map = input.values
    let shape = size.outputShape(for: map.shape)
    let filters = PanelLayout.padded(size.filters)
    let depthwise =
      operation.isDepthwise ? DepthwiseGeometry(size, input: map, output: output.values) : nil
    let groups = depthwise == nil ? size.groups : 1
    /// Numbers of a filter at each place of the kernel, as stored.
    let depth = depthwise?.planes ?? map.channels / groups
    let (rows, columns) = (size.window.rows, size.window.columns)
    var geometry = ConvolutionGeometry(
      outputRows: shape.height, outputColumns: shape.width, outputChannels: filters / groups,
      kernelRows: rows.kernelSize, rowRun: columns.kernelSize * depth,
      inputRowStep: rows.stride * map.rowStep, inputColumnStep: columns.stride * map.channels,
      kernelRowStep: rows.dilation * map.rowStep,
      outputRowStep: maxPooling == nil ? output.values.rowStep : shape.width * filters,
      outputColumnStep: filters)
    if size.hasDilatedColumns || groups > 1, depthwise == nil {
      geometry.divideRuns(into: columns.kernelSize, step: columns.dilation * map.channels)
    }
    let pooling = maxPooling.map { window in
      var pooling = PoolingGeometry(
        window, output: output.values, inputRowStep: shape.width * filters)
      // A winner is stored as the input offset of its first tap, relative to that of the window's
      // first output.
      pooling.winnerRowStep = geometry.inputRowStep
      pooling.winnerColumnStep = geometry.inputColumnStep
      return ConvolutionLayout.Pooling(geometry: pooling, winnersPlace: site.kept)
    }

    let parameters = WeightPlaces(
      GroupedPanels(geometry.weights, groups: groups),
      hasBiases: size.hasBias, areFrozen: !operation.isTrainable, in: &places.parameters)
    let slot = places.slot
    biasSlotPlace = places.slot.take(filters)
    let border = size.inputBorder(for: map.shape)
    let tile =
      map.channels % PanelLayout.columnMultiple == 0 ? size.winogradTile(map.shape) : nil
    layout = ConvolutionLayout(
      size: size, input: input, output: output, shape: shape, geometry: geometry,
      pooling: pooling, parameters: parameters, isDepthwise: depthwise != nil,
      tile: tile,
      forwardTile: site.isForSingleSamples
        ? tile.flatMap { size.tileForSingleSamples(map.shape, insteadOf: $0) } : tile,
      firstTap: map.start - border.top * map.rowStep - border.left * map.channels)
    let layout = layout
    if let depthwise {
      forward = DepthwiseConvolutionForward(
        kernels: kernels, layout: layout, geometry: depthwise, activation: activation)
    } else {
      forward = places.takeScratch(isForward: true) { places -> any ConvolutionForward in
        WinogradConvolutionForward(layout, activation, kernels: kernels, places: &places)
          ?? DirectConvolutionForward(layout, activation, kernels: kernels, places: &places)
      }
    }
    gradient = places.takeScratch(isForward: false) {
      Self.gradient(layout, activation, depthwise, kernels: kernels, places: &$0)
    }
    // Nothing is summed there.
    if parameters.areFrozen { places.slot = slot }

    let (channels, taps) = (depthwise?.planes ?? map.shape.channels / groups, size.window.taps)
    tensors =
      [
        ParameterTensor(
          name: "\(site.name).weight",
          shape: [size.filters, channels, rows.kernelSize, columns.kernelSize],
          kind: .weight(fanIn: channels * taps, fanOut: size.filters * taps),
          initialization: operation.initialization, isFrozen: parameters.areFrozen,
          layout: TensorLayout(
            parameters.weights, at: parameters.weightsPlace,
            dimensions: [
              .init(count: channels, step: 1), .init(count: taps, step: depth),
            ]))
      ] + parameters.biases(name: "\(site.name).bias", count: size.filters)
  }

  /// The fastest gradient algorithm for this layout.
  private static func gradient(
    _ layout: ConvolutionLayout, _ activation: ActivationFunction,
    _ depthwise: DepthwiseGeometry?, kernels: any KernelSet, places: inout PlanPlaces
  ) -> any ConvolutionGradient {
    if let depthwise {
      return DepthwiseConvolutionGradient(layout, depthwise, kernels: kernels, places: &places)
    }
    if let pooled = PooledConvolutionGradient(
      layout, activation, kernels: kernels, places: &places)
    {
      return pooled
    }
    return MappedConvolutionGradient(layout, kernels: kernels, places: &places)
  }

  func forward(_ pass: SamplePass) {
    let count = pass.samples.count
    for first in stride(from: 0, to: count, by: forward.samplesAtOnce) {
      forward.run(pass, samples: first..<min(first + forward.samplesAtOnce, count))
    }
    guard !activation.keepsZero else { return }
    for sample in 0..<count { unsafe output.values.clearAddedChannels(pass.values(output, sample)) }
  }

  func backward(_ pass: SamplePass) {
    let panels = 0..<layout.weights.panels
    let sums = !sumsGroupsApart && !layout.parameters.areFrozen
    let filters = 0..<layout.weights.columns
    let wanted = WantedGradients(inputs: true, panels: sums ? panels : nil)
    forEachRun(of: pass) { samples in
      for sample in samples {
        unsafe kernels.activationGradient(
          activation, output.values.rows(with: output.gradients),
          values: pass.values(output, sample) + output.values.start,
          gradient: pass.gradients(output, sample) + output.gradients.start)
        if sums { sumBiases(pass, sample, filters) }
      }
      gradient.run(pass, samples: samples, wanted)
    }
  }

  /// One panel of the filters per piece.
  var groupSumPieces: Int { layout.parameters.areFrozen ? 0 : layout.weights.panels }

  func sumGroup(_ pass: SamplePass, piece: Int) {
    let panels = piece..<piece + 1
    let filters = layout.weights.columns(ofPanels: panels)
    forEachRun(of: pass) { samples in
      for sample in samples { sumBiases(pass, sample, filters) }
      gradient.run(pass, samples: samples, WantedGradients(inputs: false, panels: panels))
    }
  }

  private func forEachRun(of pass: SamplePass, _ body: (Range<Int>) -> Void) {
    let count = pass.samples.count
    for first in stride(from: 0, to: count, by: gradient.samplesAtOnce) {
      body(first..<min(first + gradient.samplesAtOnce, count))
    }
  }

  /// Adds a sample to the bias gradient. Each pooled output passes its whole gradient to one
  /// convolution output, so the sum over pooled outputs equals the sum over convolution outputs.
  private func sumBiases(_ pass: SamplePass, _ sample: Int, _ filters: Range<Int>) {
    guard layout.parameters.hasBiases else { return }
    let map = output.gradients
    unsafe kernels.sumPixels(
      PixelGeometry(
        rows: map.shape.height, columns: map.shape.width, channels: filters.count,
        rowStep: map.rowStep, columnStep: map.channels),
      values: pass.gradients(output, sample) + (map.start + filters.lowerBound),
      sums: pass.slotPointer + (biasSlotPlace + filters.lowerBound), accumulates: sample > 0)
  }

  func blocks(stage: Int) -> [ParameterBlock] {
    // A filter is transformed as a whole.
    layout.parameters.blocks(
      stage: stage,
      rowMultiple: layout.tile != nil || layout.isDepthwise
        ? layout.weights.rows : layout.channelsAGroup)
  }

  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, slots: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    switch block.part {
    case .weights(let panel, let rows):
      unsafe self.gradient.sum(
        panel: panel, rows: rows, batch: batch, slots: slots, into: gradient)
    case .biases:
      unsafe kernels.sumSlots(
        slots, step: batch.slotStep, count: block.range.count,
        values: batch.slot(0) + biasSlotPlace, sums: gradient)
    case .scales, .statistics: preconditionFailure("the stage has such a block")
    }
  }

  func refresh(_ block: ParameterBlock, in memory: ParameterMemory) {
    guard case .weights(let panel, let rows) = block.part else { return }
    let weights = unsafe FloatPointer(memory.values.pointer + block.range.lowerBound)
    forward.refresh(panel: panel, in: memory)
    unsafe gradient.refresh(panel: panel, rows: rows, weights: weights, in: memory)
  }
}
