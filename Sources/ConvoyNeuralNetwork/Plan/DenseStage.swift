import ConvoyKernelInterface

struct DenseOperation: ActivatedOperation {
  let units: Int
  let hasBias: Bool
  let isTrainable: Bool
  let initialization: LayerInitialization?
  var activation = ActivationFunction.identity

  var parameterGradients: ParameterGradients { isTrainable ? .wholeBatch : .none }
  var backwardReads: BackwardReads { activation.backwardReads.union(isTrainable ? .input : []) }
  var readsAnyChannels: Bool { true }
  var readsRows: Bool { true }
  var givesVector: Bool { true }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    DenseStage(self, at: site, places: &places)
  }
}

/// A dense layer and its activation: a matrix product of the samples' rows with the weights.
///
/// The weight gradient is made over the whole batch at once, cut by weight rows (Krizhevsky, 2014),
/// so it needs no slots.
struct DenseStage: ParameterStage {
  let kernels: any KernelSet
  let activation: ActivationFunction
  let input: Edge
  let output: Edge
  let parameters: WeightPlaces
  let tensors: [ParameterTensor]
  /// Offset of the transposed weights; nil if no input gradient is needed.
  let transposedPlace: Int?

  private var inputs: Int { input.values.count }
  private var outputs: Int { output.values.count }
  private var transposed: PanelLayout { PanelLayout(rows: outputs, columns: inputs) }

  init(_ operation: DenseOperation, at site: NodeSite, places: inout PlanPlaces) {
    kernels = site.kernels
    activation = operation.activation
    input = site.input
    output = site.output
    let inputCount = input.values.count
    let weights = GroupedPanels(PanelLayout(rows: inputCount, columns: output.values.count))
    let parameters = WeightPlaces(
      weights, hasBiases: operation.hasBias, areFrozen: !operation.isTrainable,
      in: &places.parameters)
    self.parameters = parameters
    transposedPlace = input.wantsGradients ? places.derivedWeights.take(weights.count) : nil
    let map = input.values
    let features = map.shape.count
    tensors =
      [
        ParameterTensor(
          name: "\(site.name).weight", shape: [operation.units, features],
          kind: .weight(fanIn: features, fanOut: operation.units),
          initialization: operation.initialization, isFrozen: parameters.areFrozen,
          layout: TensorLayout(
            weights, at: parameters.weightsPlace, firstRow: map.start,
            dimensions: [
              .init(count: map.shape.channels, step: 1),
              .init(count: map.shape.height, step: map.rowStep),
              .init(count: map.shape.width, step: map.channels),
            ]))
      ] + parameters.biases(name: "\(site.name).bias", count: operation.units)
  }

  func forward(_ pass: SamplePass) {
    let values = unsafe pass.parameters.values
    unsafe kernels.convolve(
      .dense(
        samples: pass.samples.count, inputs: inputs, inputStep: inputs, outputs: outputs,
        outputStep: outputs),
      input: pass.values(input, 0), weights: values + parameters.weightsPlace,
      bias: values + parameters.biasesPlace, output: pass.values(output, 0))
    unsafe kernels.activate(activation, rows(pass), values: pass.values(output, 0))
    if !activation.keepsZero {
      for sample in 0..<pass.samples.count {
        unsafe output.values.clearAddedChannels(pass.values(output, sample))
      }
    }
  }

  func backward(_ pass: SamplePass) {
    unsafe kernels.activationGradient(
      activation, rows(pass), values: pass.values(output, 0),
      gradient: pass.gradients(output, 0))
    guard let transposedPlace else { return }
    unsafe kernels.convolve(
      .dense(
        samples: pass.samples.count, inputs: outputs, inputStep: outputs, outputs: inputs,
        outputStep: inputs),
      input: pass.gradients(output, 0),
      weights: pass.parameters.derivedWeights + transposedPlace, bias: nil,
      output: pass.gradients(input, 0))
  }

  func blocks(stage: Int) -> [ParameterBlock] {
    parameters.blocks(stage: stage, rowMultiple: PanelLayout.panelWidth)
  }

  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, slots: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let outputGradients = unsafe batch.values.pointer + output.gradientsPlace.offset * batch.samples
    switch block.part {
    case .weights(let panel, let rows):
      let inputValues =
        unsafe batch.values.pointer + input.backwardValuesPlace.offset * batch.samples
      let geometry = ConvolutionGeometry.dense(
        samples: samples, inputs: rows.count, inputStep: inputs,
        outputs: parameters.weights.width(ofPanel: panel), outputStep: outputs)
      unsafe kernels.weightGradient(
        geometry, input: inputValues + rows.lowerBound,
        outputGradient: outputGradients + panel * PanelLayout.panelWidth,
        weightGradient: gradient, accumulates: false)
    case .biases:
      unsafe kernels.sumPixels(
        .vectors(samples, channels: outputs, step: outputs), values: outputGradients,
        sums: gradient, accumulates: false)
    case .scales, .statistics: preconditionFailure("the stage has such a block")
    }
  }

  func refresh(_ block: ParameterBlock, in memory: ParameterMemory) {
    guard let transposedPlace, case .weights(let panel, let rows) = block.part else { return }
    let width = parameters.weights.width(ofPanel: panel)
    let transposed = transposed
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: PanelLayout.panelWidth) {
      let transposedPanel = row / PanelLayout.panelWidth
      let destinationStep = transposed.width(ofPanel: transposedPanel)
      unsafe kernels.transposeTile(
        rows: min(destinationStep, rows.upperBound - row), columns: width,
        source: memory.values.pointer + block.range.lowerBound + (row - rows.lowerBound) * width,
        destination: memory.derivedWeights.pointer + transposedPlace
          + transposed.offset(
            row: panel * PanelLayout.panelWidth, column: row),
        destinationStep: destinationStep)
    }
  }

  /// The pass's outputs, one row per sample. Values and gradients have the same layout.
  private func rows(_ pass: SamplePass) -> RowGeometry {
    RowGeometry(
      rows: pass.samples.count, count: outputs, step: outputs, otherStep: outputs)
  }
}
