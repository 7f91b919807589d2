import ConvoyKernelInterface

extension DepthwiseGeometry {
  /// A convolution whose output channels read a channel of each plane of the map.
  init(_ size: ConvolutionSize, input: FeatureMap, output: FeatureMap) {
    let (rows, columns) = (size.window.rows, size.window.columns)
    let channels = PanelLayout.padded(size.filters)
    self.init(
      outputRows: output.shape.height, outputColumns: output.shape.width, channels: channels,
      kernelRows: rows.kernelSize, kernelColumns: columns.kernelSize,
      planes: input.channels / channels, inputRowStep: rows.stride * input.rowStep,
      inputColumnStep: columns.stride * input.channels,
      kernelRowStep: rows.dilation * input.rowStep,
      kernelColumnStep: columns.dilation * input.channels, planeStep: channels,
      outputRowStep: output.rowStep, outputColumnStep: output.channels)
  }

  /// The geometry of some panels. All pointers are those of their first channel.
  func ofPanels(_ panels: Range<Int>) -> DepthwiseGeometry {
    var geometry = self
    geometry.channels =
      min(panels.upperBound * PanelLayout.panelWidth, channels)
      - panels.lowerBound * PanelLayout.panelWidth
    return geometry
  }
}

/// The depthwise convolution, tap by tap.
struct DepthwiseConvolutionForward: ConvolutionForward {
  let kernels: any KernelSet
  let layout: ConvolutionLayout
  let geometry: DepthwiseGeometry
  let activation: ActivationFunction

  let samplesAtOnce = 1

  func run(_ pass: SamplePass, samples: Range<Int>) {
    let parameters = unsafe FloatPointer(pass.parameters.values)
    let output = layout.output
    for sample in samples {
      let target = unsafe pass.values(output, sample) + output.values.start
      unsafe kernels.convolveChannels(
        geometry, input: pass.values(layout.input, sample) + layout.firstTap,
        weights: parameters + layout.parameters.weightsPlace,
        bias: parameters + layout.parameters.biasesPlace, output: target)
      unsafe kernels.activate(
        activation, output.values.rows(with: output.gradients), values: target)
    }
  }

  func refresh(panel: Int, in memory: ParameterMemory) {}
}

/// The gradients of a depthwise convolution. The input gradient is made in each plane.
struct DepthwiseConvolutionGradient: ConvolutionGradient {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let geometry: DepthwiseGeometry
  private let outputGradients: OutputGradientMap
  private let slot: WeightSlot
  /// The rotated filters are stored plane by plane. Nil if no input gradient is wanted.
  private let parts: InputGradientParts<DepthwiseGeometry>?

  let samplesAtOnce = 1

  init(
    _ layout: ConvolutionLayout, _ geometry: DepthwiseGeometry, kernels: any KernelSet,
    places: inout PlanPlaces
  ) {
    self.kernels = kernels
    self.layout = layout
    self.geometry = geometry
    let outputGradients = OutputGradientMap(layout, samples: 1, places: &places)
    self.outputGradients = outputGradients
    slot = WeightSlot(layout.weights, in: &places.slot)
    guard layout.input.wantsGradients else {
      parts = nil
      return
    }
    let (rows, columns) = (layout.size.window.rows, layout.size.window.columns)
    let (output, gradients) = (outputGradients.map, layout.input.gradients)
    parts = InputGradientParts(
      layout.size.window, input: gradients.shape, output: output, gradients: gradients
    ) { row, column in
      let part = DepthwiseGeometry(
        outputRows: row.inputs, outputColumns: column.inputs, channels: geometry.channels,
        kernelRows: row.taps, kernelColumns: column.taps, planes: 1,
        inputRowStep: output.rowStep, inputColumnStep: output.channels,
        kernelRowStep: rows.outputDilation * output.rowStep,
        kernelColumnStep: columns.outputDilation * output.channels, planeStep: 0,
        outputRowStep: rows.stride * gradients.rowStep,
        outputColumnStep: columns.stride * gradients.channels)
      return (part, places.derivedWeights.take(geometry.planes * part.weights.count))
    }
  }

  func run(_ pass: SamplePass, samples: Range<Int>, _ wanted: WantedGradients) {
    let parts = wanted.inputs ? parts : nil
    if parts == nil, wanted.panels == nil { return }
    for sample in samples {
      let gradients = unsafe outputGradients.gradients(pass, sample..<sample + 1, kernels: kernels)
      if let panels = wanted.panels {
        unsafe addWeightGradient(pass, sample, panels, gradients + outputGradients.map.start)
      }
      parts?.forEachPart { part in
        for plane in 0..<geometry.planes {
          unsafe kernels.convolveChannels(
            part.geometry, input: gradients + part.sourcePlace,
            weights: pass.parameters.derivedWeights
              + (part.weightsPlace + plane * part.geometry.weights.count),
            bias: nil,
            output: pass.gradients(layout.input, sample)
              + (part.targetPlace + plane * geometry.planeStep))
        }
      }
    }
  }

  private func addWeightGradient(
    _ pass: SamplePass, _ sample: Int, _ panels: Range<Int>, _ gradients: FloatPointer
  ) {
    var geometry = geometry.ofPanels(panels)
    geometry.outputRowStep = outputGradients.map.rowStep
    let channel = panels.lowerBound * PanelLayout.panelWidth
    unsafe kernels.channelWeightGradient(
      geometry, input: pass.values(layout.input, sample) + layout.firstTap + channel,
      outputGradient: gradients + channel,
      weightGradient: slot.gradient(pass, panel: panels.lowerBound), accumulates: sample > 0)
  }

  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, slots: Int,
    into gradient: MutableFloatPointer
  ) {
    unsafe slot.sum(kernels, panel: panel, rows: rows, batch: batch, slots: slots, into: gradient)
  }

  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory) {
    guard let parts else { return }
    let width = geometry.weights.width(ofPanel: panel)
    for row in rows {
      let (position, plane) = row.quotientAndRemainder(dividingBy: geometry.planes)
      let (kernelRow, kernelColumn) = position.quotientAndRemainder(
        dividingBy: geometry.kernelColumns)
      guard let (part, tap) = parts.part(ofTap: kernelRow, kernelColumn) else { continue }
      let layout = part.geometry.weights
      let target =
        unsafe memory.derivedWeights.pointer + part.weightsPlace + plane * layout.count
        + layout.offset(row: tap, column: panel * PanelLayout.panelWidth)
      unsafe target.update(from: weights + (row - rows.lowerBound) * width, count: width)
    }
  }
}
