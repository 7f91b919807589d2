import KernelInterface

/// A convolution with its activation, and with the max pooling beside it where there is one: one
/// stage, whose full-size feature map is never kept (where windows overlap, one sample's at a time).
struct ConvolutionStage: ParameterStage {
  let kernels: any KernelSet
  let activation: ActivationFunction
  let input: Interface
  let output: Interface
  let parameters: WeightPlaces
  let tensors: [ParameterTensor]
  private let convolution: ConvolutionGeometry
  private let pooling: Pooling?
  /// The convolution's own output gradients, with the border that the input gradient reads.
  private let gradientMap: FeatureMap
  /// Where they lie in the worker's scratch; nil where the output's gradients are what is needed.
  private let gradientPlace: Int?
  private let inputGradient: ConvolutionInputGradient?
  /// Where the stage's gradients lie in a shard's slot.
  private let slotPlace: Int

  private struct Pooling: Sendable {
    let geometry: PoolingGeometry
    let spread: PoolingGeometry
    let bandPlace: Int
    let winnersPlace: Int
  }

  /// - Parameters:
  ///   - size: the layer's own numbers.
  ///   - maxPooling: the pooling that is part of the stage.
  ///   - output: has the shape after the pooling.
  init(
    name: String, size: ConvolutionSize, activation: ActivationFunction,
    maxPooling: (kernelSize: Int, stride: Int)?, input: Interface, output: Interface,
    wantsInputGradient: Bool, kernels: any KernelSet, places: inout StagePlaces
  ) {
    self.kernels = kernels
    self.activation = activation
    self.input = input
    self.output = output
    let map = input.values
    let shape = size.outputShape(for: map.shape)
    let filters = PanelLayout.padded(size.filters)
    let gradientMap = FeatureMap(
      shape,
      border: wantsInputGradient ? size.gradientBorder(for: map.shape) : FeatureMap.Border())
    self.gradientMap = gradientMap
    gradientPlace =
      gradientMap == output.gradients ? nil : places.scratch.take(gradientMap.count)

    convolution = ConvolutionGeometry(
      outputRows: shape.height, outputColumns: shape.width, outputChannels: filters,
      kernelRows: size.kernelSize, rowRun: size.kernelSize * map.channels,
      inputRowStep: size.stride * map.rowStep, inputColumnStep: size.stride * map.channels,
      kernelRowStep: map.rowStep,
      outputRowStep: maxPooling == nil ? output.values.rowStep : shape.width * filters,
      outputColumnStep: filters)
    pooling = maxPooling.map { kernelSize, stride in
      let geometry = PoolingGeometry(
        kernelSize: kernelSize, stride: stride, outputRows: output.values.shape.height,
        outputColumns: output.values.shape.width, channels: filters,
        inputRowStep: shape.width * filters, outputRowStep: output.values.rowStep)
      var spread = geometry
      spread.inputRowStep = gradientMap.rowStep
      let bandRows = geometry.overlaps ? shape.height : kernelSize
      return Pooling(
        geometry: geometry, spread: spread,
        bandPlace: places.scratch.take(bandRows * shape.width * filters),
        winnersPlace: places.shardValues.take(geometry.outputCount))
    }

    let parameters = WeightPlaces(
      convolution.weights, hasBiases: size.hasBias, in: &places.parameters)
    self.parameters = parameters
    slotPlace = places.slot.take(parameters.count)
    inputGradient =
      wantsInputGradient
      ? ConvolutionInputGradient(
        size: size, input: map.shape, output: gradientMap, gradients: input.gradients,
        places: &places.backwardWeights) : nil

    let (channels, kernelSize, stored) = (map.shape.channels, size.kernelSize, map.channels)
    let window = kernelSize * kernelSize
    tensors =
      [
        ParameterTensor(
          name: "\(name).weight", shape: [size.filters, channels, kernelSize, kernelSize],
          kind: .weight(fanIn: channels * window, fanOut: size.filters * window)
        ) { index in
          let (filter, tap) = (index / (channels * window), index % (channels * window))
          let (channel, place) = (tap / window, tap % window)
          return parameters.weightsPlace
            + parameters.weights.offset(row: place * stored + channel, column: filter)
        }
      ] + parameters.biases(name: "\(name).bias", count: size.filters)
  }

  func forward(_ pass: ShardPass) {
    let weights = FloatPointer(pass.parameters.values.pointer + parameters.weightsPlace)
    let biases = FloatPointer(pass.parameters.values.pointer + parameters.biasesPlace)
    for sample in 0..<pass.samples.count {
      let source = FloatPointer(pass.values(input, sample))
      let target = pass.values(output, sample)
      if let pooling {
        kernels.convolveAndMaxPool(
          convolution, pooling: pooling.geometry, activation: activation, input: source,
          weights: weights, bias: biases, band: pass.worker.scratch.pointer + pooling.bandPlace,
          output: target + output.values.start, winners: winners(pooling, pass, sample))
      } else {
        kernels.convolve(
          convolution, input: source, weights: weights, bias: biases,
          output: target + output.values.start)
        kernels.activate(
          activation, output.values.rows(with: output.gradients),
          values: target + output.values.start)
      }
      if !activation.keepsZero { output.values.clearAddedChannels(target) }
    }
  }

  func backward(_ pass: ShardPass) {
    let slot = pass.slot + slotPlace
    var geometry = convolution
    geometry.outputRowStep = gradientMap.rowStep
    for sample in 0..<pass.samples.count {
      let outputGradients = pass.gradients(output, sample)
      kernels.activationGradient(
        activation, output.values.rows(with: output.gradients),
        values: pass.values(output, sample) + output.values.start,
        gradient: outputGradients + output.gradients.start)
      if parameters.hasBiases {
        sumBiases(
          outputGradients, into: slot + parameters.biasesPlace - parameters.weightsPlace,
          accumulates: sample > 0)
      }

      let gradients = convolutionGradients(outputGradients, pass, sample)
      kernels.weightGradient(
        geometry, input: pass.values(input, sample), outputGradient: gradients + gradientMap.start,
        weightGradient: slot, accumulates: sample > 0)
      inputGradient?.run(
        kernels, weights: pass.parameters.backwardWeights.pointer, outputGradients: gradients,
        inputGradients: pass.gradients(input, sample))
    }
  }

  /// The gradients of the convolution's own outputs, from those of the stage's.
  private func convolutionGradients(
    _ outputGradients: MutableFloatPointer, _ pass: ShardPass, _ sample: Int
  ) -> MutableFloatPointer {
    guard let gradientPlace else { return outputGradients }
    let gradients = pass.worker.scratch.pointer + gradientPlace
    if let pooling {
      kernels.maxPoolGradient(
        pooling.spread, outputGradient: outputGradients, winners: winners(pooling, pass, sample),
        inputGradient: gradients + gradientMap.start)
    } else {
      kernels.copyRows(
        output.gradients.rows(with: gradientMap), from: outputGradients + output.gradients.start,
        to: gradients + gradientMap.start)
    }
    return gradients
  }

  /// A pooled output hands its whole gradient to one place of its window, so the sum over pooled
  /// outputs is the sum over the convolution's.
  private func sumBiases(
    _ gradients: FloatPointer, into sums: MutableFloatPointer, accumulates: Bool
  ) {
    let map = output.gradients
    for row in 0..<map.shape.height {
      kernels.sumRows(
        map.shape.width, columns: map.channels, step: map.channels,
        values: gradients + map.start + row * map.rowStep, sums: sums,
        accumulates: accumulates || row > 0)
    }
  }

  private func winners(
    _ pooling: Pooling, _ pass: ShardPass, _ sample: Int
  ) -> MutableFloatPointer {
    pass.worker.values.pointer
      + (pooling.winnersPlace * pass.worker.samples + sample * pooling.geometry.outputCount)
  }

  func blocks(stage: Int) -> [ParameterBlock] {
    parameters.blocks(stage: stage, rowMultiple: input.values.channels)
  }

  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, shards: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let place = slotPlace + block.range.lowerBound - parameters.weightsPlace
    kernels.sumSlots(
      shards, step: batch.slotStep, count: block.range.count, values: batch.slot(0) + place,
      sums: gradient)
  }

  func refresh(_ block: ParameterBlock, in memory: ParameterMemory) {
    guard let inputGradient, case .weights(let panel, let rows) = block.part else { return }
    inputGradient.rearrange(
      kernels, weights: memory.values.pointer + block.range.lowerBound, panel: panel, rows: rows,
      width: parameters.weights.width(ofPanel: panel), into: memory.backwardWeights.pointer)
  }
}
