import KernelInterface

extension PlanNode {
  /// The stage, laid out between its interfaces.
  func stage(
    input: Interface, output: Interface, wantsInputGradient: Bool, kernels: any KernelSet,
    places: inout StagePlaces
  ) -> any Stage {
    switch operation {
    case .convolution(let size, let activation, let maxPooling):
      ConvolutionStage(
        name: "\(layer)", size: size, activation: activation, maxPooling: maxPooling, input: input,
        output: output, wantsInputGradient: wantsInputGradient, kernels: kernels, places: &places)
    case .pooling(let kind, let kernelSize, let stride):
      PoolingStage(
        kind: kind, kernelSize: kernelSize, stride: stride, input: input, output: output,
        wantsInputGradient: wantsInputGradient, kernels: kernels, places: &places)
    case .dense(let units, let activation):
      DenseStage(
        name: "\(layer)", units: units, activation: activation, input: input, output: output,
        wantsInputGradient: wantsInputGradient, kernels: kernels, places: &places)
    case .activation(let kind):
      ActivationStage(
        kernels: kernels, kind: kind, input: input, output: output,
        wantsInputGradient: wantsInputGradient)
    case .dropout(let rate):
      DropoutStage(
        rate: rate, layer: layer, input: input, output: output,
        wantsInputGradient: wantsInputGradient, kernels: kernels, places: &places)
    case .flatten:
      FlattenStage(input: input, output: output, wantsInputGradient: wantsInputGradient)
    }
  }
}
