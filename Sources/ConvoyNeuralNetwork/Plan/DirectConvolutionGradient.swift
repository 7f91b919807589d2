import ConvoyKernelInterface

/// Gradients by direct convolution over a full-size map of output gradients.
struct DirectConvolutionGradient: ConvolutionGradient {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  private let outputGradients: OutputGradientMap
  private let inputGradient: ConvolutionInputGradient?
  private let slot: WeightSlot

  let samplesAtOnce = 1

  init(_ layout: ConvolutionLayout, kernels: any KernelSet, places: inout PlanPlaces) {
    self.kernels = kernels
    self.layout = layout
    let outputGradients = OutputGradientMap(layout, samples: 1, places: &places)
    self.outputGradients = outputGradients
    slot = WeightSlot(layout.geometry.weights, in: &places.slot)
    inputGradient =
      layout.input.wantsGradients
      ? ConvolutionInputGradient(
        size: layout.size, input: layout.input.values.shape, output: outputGradients.map,
        gradients: layout.input.gradients, places: &places.derivedWeights) : nil
  }

  func run(_ pass: SamplePass, samples: Range<Int>, _ wanted: WantedGradients) {
    let inputGradient = wanted.inputs ? inputGradient : nil
    if inputGradient == nil, wanted.panels == nil { return }
    for sample in samples {
      let gradients = unsafe outputGradients.gradients(pass, sample..<sample + 1, kernels: kernels)
      if let panels = wanted.panels {
        unsafe addWeightGradient(pass, sample, panels, gradients + outputGradients.map.start)
      }
      unsafe inputGradient?.run(
        kernels, weights: pass.parameters.derivedWeights.pointer, outputGradients: gradients,
        inputGradients: pass.gradients(layout.input, sample))
    }
  }

  private func addWeightGradient(
    _ pass: SamplePass, _ sample: Int, _ panels: Range<Int>, _ gradients: FloatPointer
  ) {
    var geometry = layout.geometry(ofPanels: panels)
    geometry.outputRowStep = outputGradients.map.rowStep
    unsafe kernels.weightGradient(
      geometry, input: pass.values(layout.input, sample) + layout.firstTap,
      outputGradient: gradients + panels.lowerBound * PanelLayout.panelWidth,
      weightGradient: slot.gradient(pass, panel: panels.lowerBound), accumulates: sample > 0)
  }

  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, groups: Int,
    into gradient: MutableFloatPointer
  ) {
    unsafe slot.sum(kernels, panel: panel, rows: rows, batch: batch, groups: groups, into: gradient)
  }

  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory) {
    unsafe inputGradient?.rearrange(
      kernels, weights: weights, panel: panel, rows: rows,
      width: layout.geometry.weights.width(ofPanel: panel),
      into: memory.derivedWeights.pointer)
  }
}
