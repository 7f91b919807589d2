import ConvoyKernelInterface

/// Gradients over a full-size map of output gradients: the weights' and the inputs', each by direct
/// convolution or by Winograd's algorithm, whichever takes less time.
struct MappedConvolutionGradient: ConvolutionGradient {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let outputGradients: OutputGradientMap
  private let slot: WeightSlot
  private let weightGradient: WeightGradient
  private let inputGradient: InputGradient?

  let samplesAtOnce: Int
  /// Samples that a direct kernel reads as one map.
  private let joinedSamples: Int

  private enum WeightGradient: Sendable {
    case direct
    case winograd(WinogradWeightGradient)
  }

  private enum InputGradient: Sendable {
    case direct(ConvolutionInputGradient)
    case winograd(WinogradInputGradient)
  }

  init(_ layout: ConvolutionLayout, kernels: any KernelSet, places: inout PlanPlaces) {
    self.kernels = kernels
    self.layout = layout
    let tile = layout.gradientTile
    let map = OutputGradientMap.map(layout)
    joinedSamples = min(
      layout.joinedSamples(from: layout.input.values, to: map),
      layout.joinedSamples(from: layout.input.gradients, to: map))
    samplesAtOnce =
      tile.map { WinogradWeightGradient.tiling(layout, $0).samples } ?? joinedSamples
    let outputGradients = OutputGradientMap(layout, samples: samplesAtOnce, places: &places)
    self.outputGradients = outputGradients
    weightGradient =
      if let tile, layout.size.weightGradientSuitsWinograd(layout.input.values.shape) {
        .winograd(
          WinogradWeightGradient(
            layout, tile, outputGradients.map, kernels: kernels, places: &places))
      } else {
        .direct
      }
    slot = WeightSlot(layout.weights, in: &places.slot)
    guard layout.input.wantsGradients else {
      inputGradient = nil
      return
    }
    let direct = ConvolutionInputGradient(
      size: layout.size, input: layout.input.values.shape, output: outputGradients.map,
      gradients: layout.input.gradients, places: &places.derivedWeights)
    inputGradient =
      if let tile {
        .winograd(
          WinogradInputGradient(
            layout, tile, outputGradients.map, turned: direct, kernels: kernels, places: &places))
      } else {
        .direct(direct)
      }
  }

  func run(_ pass: SamplePass, samples: Range<Int>, _ wanted: WantedGradients) {
    let inputGradient = wanted.inputs ? inputGradient : nil
    if inputGradient == nil, wanted.panels == nil { return }
    let gradients = unsafe outputGradients.gradients(pass, samples, kernels: kernels)
    if let panels = wanted.panels {
      switch weightGradient {
      case .direct: unsafe addWeightGradient(pass, samples, panels, gradients)
      case .winograd(let winograd):
        unsafe winograd.add(pass, samples, panels, gradients)
        if samples.upperBound == pass.samples.count {
          winograd.transformBack(pass, panels, to: slot)
        }
      }
    }
    switch inputGradient {
    case .direct(let direct)?:
      forEachJoined(samples) { sample, count in
        unsafe direct.run(
          kernels, weights: pass.parameters.derivedWeights,
          outputGradients: gradients + (sample - samples.lowerBound) * outputGradients.map.count,
          inputGradients: pass.gradients(layout.input, sample), samples: count)
      }
    case .winograd(let winograd)?: unsafe winograd.run(pass, samples, gradients)
    case nil: break
    }
  }

  private func addWeightGradient(
    _ pass: SamplePass, _ samples: Range<Int>, _ panels: Range<Int>, _ gradients: FloatPointer
  ) {
    let map = outputGradients.map
    layout.weights.forEachGroup(of: panels) { group, panels in
      var geometry = layout.geometry(ofPanels: panels)
      geometry.outputRowStep = map.rowStep
      let corner =
        unsafe gradients + (map.start + layout.weights.firstColumn(ofPanel: panels.lowerBound))
      let firstTap = layout.firstTap + group * layout.channelsAGroup
      forEachJoined(samples) { sample, count in
        var joined = geometry
        joined.outputRows *= count
        unsafe kernels.weightGradient(
          joined, input: pass.values(layout.input, sample) + firstTap,
          outputGradient: corner + (sample - samples.lowerBound) * map.count,
          weightGradient: slot.gradient(pass, panel: panels.lowerBound), accumulates: sample > 0)
      }
    }
  }

  private func forEachJoined(_ samples: Range<Int>, _ body: (_ sample: Int, _ count: Int) -> Void) {
    for sample in stride(from: samples.lowerBound, to: samples.upperBound, by: joinedSamples) {
      body(sample, min(joinedSamples, samples.upperBound - sample))
    }
  }

  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, slots: Int,
    into gradient: MutableFloatPointer
  ) {
    unsafe slot.sum(kernels, panel: panel, rows: rows, batch: batch, slots: slots, into: gradient)
  }

  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory) {
    let width = layout.weights.width(ofPanel: panel)
    switch inputGradient {
    case .direct(let direct)?:
      unsafe direct.rearrange(
        kernels, weights: weights, panel: panel, rows: rows, width: width,
        into: memory.derivedWeights.pointer)
    case .winograd(let winograd)?:
      unsafe winograd.refresh(panel: panel, rows: rows, width: width, weights: weights, in: memory)
    case nil: break
    }
  }
}
