import ConvoyTestSupport

/// What the kernels are tried on: against the reference in every instruction set, and those with fused
/// multiply-add against each other, bit by bit.
enum KernelTrials: CaseIterable {
  case convolution, pooledConvolution, weightGradient, depthwise, listedGradients, winograd,
    winogradBFloat16, winogradTransforms, winogradProducts
  case pooling, activation, softmax, loss, sums, moves, channels

  var all: [KernelTrial] {
    switch self {
    case .convolution: ConvolutionTrials.forward
    case .pooledConvolution: ConvolutionTrials.pooled + ConvolutionTrials.pooledTiles
    case .weightGradient: ConvolutionTrials.weightGradient
    case .depthwise: ConvolutionTrials.depthwise
    case .listedGradients: ConvolutionTrials.listedGradients
    case .winograd: WinogradTrials.all
    case .winogradBFloat16: WinogradTrials.bfloat16
    case .winogradTransforms: WinogradTrials.transforms
    case .winogradProducts: WinogradTrials.componentProducts
    case .pooling: PoolingTrials.all
    case .activation: RowTrials.activation
    case .softmax: RowTrials.softmax
    case .loss: RowTrials.loss
    case .sums: RowTrials.sums
    case .moves: RowTrials.moves
    case .channels: RowTrials.channels
    }
  }
}
