import ConvoyKernelInterface

/// A pooling on its own: average pooling, or max pooling that does not follow a convolution.
struct PoolingStage: Stage {
  enum Kind: Sendable { case max, average }

  let kernels: any KernelSet
  let kind: Kind
  let input: Edge
  let output: Edge
  private let geometry: PoolingGeometry
  /// Where winners are kept for the pass backward.
  private let winnersPlace: SamplePlace

  init(
    kind: Kind, kernelSize: Int, stride: Int, input: Edge, output: Edge,
    winnersPlace: SamplePlace, kernels: any KernelSet
  ) {
    self.kernels = kernels
    self.kind = kind
    self.input = input
    self.output = output
    self.winnersPlace = winnersPlace
    geometry = PoolingGeometry(
      kernelSize: kernelSize, stride: stride, outputRows: output.values.shape.height,
      outputColumns: output.values.shape.width, channels: output.values.channels,
      inputRowStep: input.values.rowStep, outputRowStep: output.values.rowStep)
  }

  func forward(_ pass: ShardPass) {
    for sample in 0..<pass.samples.count {
      let source = pass.values(input, sample) + input.values.start
      let target = pass.values(output, sample) + output.values.start
      switch kind {
      case .max:
        kernels.maxPool(
          geometry, input: source, output: target, winners: winners(pass, sample))
      case .average: kernels.averagePool(geometry, input: source, output: target)
      }
    }
  }

  func backward(_ pass: ShardPass) {
    var spread = geometry
    spread.inputRowStep = input.gradients.rowStep
    for sample in 0..<pass.samples.count {
      let source = pass.gradients(output, sample) + output.gradients.start
      let target = pass.gradients(input, sample) + input.gradients.start
      switch kind {
      case .max:
        kernels.maxPoolGradient(
          spread, outputGradient: source, winners: winners(pass, sample), inputGradient: target)
      case .average:
        kernels.averagePoolGradient(spread, outputGradient: source, inputGradient: target)
      }
    }
  }

  private func winners(_ pass: ShardPass, _ sample: Int) -> MutableFloatPointer {
    pass.pointer(winnersPlace, count: geometry.outputCount, sample)
  }
}
