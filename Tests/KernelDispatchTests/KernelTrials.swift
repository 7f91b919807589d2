import ConvoyTestSupport

/// What the kernels are tried on: against the reference in every instruction set, and those with fused
/// multiply-add against each other, bit by bit.
enum KernelTrials: CaseIterable {
  case convolution, pooledConvolution, weightGradient, listedGradients, winograd, winogradTransforms
  case pooling, activation, softmax, loss, moves

  var all: [KernelTrial] {
    switch self {
    case .convolution: ConvolutionTrials.all
    case .pooledConvolution: PooledConvolutionTrials.all
    case .weightGradient: WeightGradientTrials.all
    case .listedGradients: ListedGradientTrials.all
    case .winograd: WinogradTrials.all
    case .winogradTransforms: WinogradTrials.transforms
    case .pooling: PoolingTrials.all
    case .activation: ActivationTrials.all
    case .softmax: SoftmaxTrials.all
    case .loss: LossTrials.all
    case .moves: MoveTrials.all
    }
  }
}
