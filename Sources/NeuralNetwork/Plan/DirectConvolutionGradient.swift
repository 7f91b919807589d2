import KernelInterface

/// Gradients by the convolution's own loops over a full-size map of output gradients.
struct DirectConvolutionGradient: ConvolutionGradient {
  private let kernels: any KernelSet
  private let layout: ConvolutionLayout
  /// The convolution's own output gradients, with the border that the input gradient reads.
  private let gradientMap: FeatureMap
  /// Where they lie in the worker's scratch; nil where the stage's output gradients are what is
  /// needed.
  private let gradientPlace: Int?
  private let inputGradient: ConvolutionInputGradient?
  /// Where the weight gradient lies in a shard's slot.
  private let slotPlace: Int

  let samplesAtOnce = 1

  init(_ layout: ConvolutionLayout, kernels: any KernelSet, places: inout StagePlaces) {
    self.kernels = kernels
    self.layout = layout
    let input = layout.input.values.shape
    let map = FeatureMap(
      layout.shape,
      border: layout.wantsInputGradient
        ? layout.size.gradientBorder(for: input) : FeatureMap.Border())
    gradientMap = map
    gradientPlace = map == layout.output.gradients ? nil : places.scratch.take(map.count)
    slotPlace = places.slot.take(layout.geometry.weights.count)
    inputGradient =
      layout.wantsInputGradient
      ? ConvolutionInputGradient(
        size: layout.size, input: input, output: map, gradients: layout.input.gradients,
        places: &places.derivedWeights) : nil
  }

  func run(_ pass: ShardPass, samples: Range<Int>) {
    var geometry = layout.geometry
    geometry.outputRowStep = gradientMap.rowStep
    for sample in samples {
      let gradients = outputGradients(pass, sample)
      kernels.weightGradient(
        geometry, input: pass.values(layout.input, sample),
        outputGradient: gradients + gradientMap.start, weightGradient: pass.slot + slotPlace,
        accumulates: sample > 0)
      inputGradient?.run(
        kernels, weights: pass.parameters.derivedWeights.pointer, outputGradients: gradients,
        inputGradients: pass.gradients(layout.input, sample))
    }
  }

  /// The gradients of the convolution's own outputs, from those of the stage's.
  private func outputGradients(_ pass: ShardPass, _ sample: Int) -> MutableFloatPointer {
    let stageGradients = pass.gradients(layout.output, sample)
    guard let gradientPlace else { return stageGradients }
    let gradients = pass.worker.scratch.pointer + gradientPlace
    if let pooling = layout.pooling {
      var geometry = pooling.geometry
      geometry.inputRowStep = gradientMap.rowStep
      kernels.maxPoolGradient(
        geometry, outputGradient: stageGradients, winners: pooling.winners(pass, sample),
        inputGradient: gradients + gradientMap.start)
    } else {
      let map = layout.output.gradients
      kernels.copyRows(
        map.rows(with: gradientMap), from: stageGradients + map.start,
        to: gradients + gradientMap.start)
    }
    return gradients
  }

  func sum(
    panel: Int, rows: Range<Int>, batch: BatchMemory, shards: Int,
    into gradient: MutableFloatPointer
  ) {
    let weights = layout.geometry.weights
    let width = weights.width(ofPanel: panel)
    kernels.sumSlots(
      shards, step: batch.slotStep, count: rows.count * width,
      values: batch.slot(0) + slotPlace + weights.offset(ofPanel: panel)
        + rows.lowerBound * width,
      sums: gradient)
  }

  func refresh(panel: Int, rows: Range<Int>, weights: FloatPointer, in memory: ParameterMemory) {
    inputGradient?.rearrange(
      kernels, weights: weights, panel: panel, rows: rows,
      width: layout.geometry.weights.width(ofPanel: panel),
      into: memory.derivedWeights.pointer)
  }
}
