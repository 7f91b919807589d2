import ConvoyKernelInterface

extension PlanNode {
  /// The stage, laid out between its edges.
  ///
  /// - Parameters:
  ///   - name: what the names of its tensors begin with.
  ///   - kept: where it keeps what it needs backward.
  func stage(
    name: String, inputs: [Edge], output: Edge, kept: SamplePlace, kernels: any KernelSet,
    places: inout PlanPlaces
  ) -> any Stage {
    let input = inputs[0]
    return switch operation {
    case .convolution(let size, let activation, let maxPooling):
      ConvolutionStage(
        name: name, size: size, activation: activation, maxPooling: maxPooling, input: input,
        output: output, winnersPlace: kept, kernels: kernels, places: &places)
    case .pooling(let kind, let kernelSize, let stride):
      PoolingStage(
        kind: kind, kernelSize: kernelSize, stride: stride, input: input, output: output,
        winnersPlace: kept, kernels: kernels)
    case .dense(let units, let activation):
      DenseStage(
        name: name, units: units, activation: activation, input: input, output: output,
        kernels: kernels, places: &places)
    case .activation(let kind):
      ActivationStage(kernels: kernels, kind: kind, input: input, output: output)
    case .addition(let activation):
      AdditionStage(kernels: kernels, activation: activation, inputs: inputs, output: output)
    case .dropout(let rate):
      DropoutStage(
        kernels: kernels, rate: rate, layer: layer, input: input, output: output, maskPlace: kept)
    case .flatten: FlattenStage(input: input, output: output)
    }
  }
}
