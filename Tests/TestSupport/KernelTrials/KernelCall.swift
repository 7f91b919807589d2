import ConvoyKernelInterface

/// A kernel with the shape it is called for.
///
/// Kernels take as long to accumulate as to overwrite, so recorded calls need not say which they do.
package enum KernelCall: Sendable, Equatable {
  case convolution(ConvolutionGeometry, hasBias: Bool)
  case pooledConvolution(ConvolutionGeometry, PoolingGeometry, ActivationFunction)
  case weightGradient(ConvolutionGeometry, accumulates: Bool = false)
  case depthwise(DepthwiseGeometry, hasBias: Bool)
  case depthwiseWeightGradient(DepthwiseGeometry, accumulates: Bool = false)
  case spreading(ChannelSpread, pixels: Int, step: Int, otherStep: Int)
  case gathering(ChannelSpread, pixels: Int, step: Int, otherStep: Int)
  case pixelSum(PixelGeometry, accumulates: Bool = false)
  case gradientLists(ConvolutionGeometry, ListedWindows)
  case listedWeightGradient(ConvolutionGeometry, ListedWindows, accumulates: Bool = false)
  case listedInputGradient(ConvolutionGeometry, ListedWindows, count: Int)
  case winogradInput(WinogradGeometry)
  case winogradOutput(WinogradGeometry, hasBias: Bool)
  case winogradOutputGradient(WinogradGeometry)
  case winogradFilters(WinogradPanel)
  case winogradFilterGradient(WinogradPanel)
  case maxPool(PoolingGeometry)
  case maxPoolGradient(PoolingGeometry)
  case averagePool(PoolingGeometry)
  case averagePoolGradient(PoolingGeometry)
  case activation(ActivationFunction, RowGeometry)
  case activationGradient(ActivationFunction, RowGeometry)
  case softmax(pixels: Int, channels: Int, step: Int)
  case softmaxGradient(pixels: Int, channels: Int, step: Int)
  case crossEntropy(classes: Int)
  case targetCrossEntropy(classes: Int)
  case hinge(classes: Int)
  case channelMoments(ChannelMap)
  case channelNormalization(ChannelMap, isRectified: Bool)
  case channelGradientSums(ChannelMap, isRectified: Bool)
  case normalizationGradient(ChannelMap, inputGradientStep: Int, isRectified: Bool)
  case bend(ChannelMap)
  case bendGradient(ChannelMap)
  case squaredError(classes: Int)
  case normalization(rows: Int, count: Int, step: Int)
  case copy(RowGeometry)
  case addition(RowGeometry)
  case products(count: Int)
  case finiteness(count: Int)
  case slotSum(slots: Int, step: Int, count: Int)
  case filterSlotSum(
    slots: Int, step: Int, layout: FilterMajorLayout, filters: Int, taps: Range<Int>)
  case transposition(rows: Int, columns: Int, step: Int)

  package var name: String {
    switch self {
    case .convolution: "convolve"
    case .pooledConvolution: "convolveAndMaxPool"
    case .weightGradient: "weightGradient"
    case .depthwise: "convolveChannels"
    case .depthwiseWeightGradient: "channelWeightGradient"
    case .spreading: "spreadChannels"
    case .gathering: "gatherChannels"
    case .pixelSum: "sumPixels"
    case .gradientLists: "listPooledGradients"
    case .listedWeightGradient: "listedWeightGradient"
    case .listedInputGradient: "listedInputGradient"
    case .winogradInput: "winogradInput"
    case .winogradOutput: "winogradOutput"
    case .winogradOutputGradient: "winogradOutputGradient"
    case .winogradFilters: "winogradFilters"
    case .winogradFilterGradient: "winogradFilterGradient"
    case .maxPool: "maxPool"
    case .maxPoolGradient: "maxPoolGradient"
    case .averagePool: "averagePool"
    case .averagePoolGradient: "averagePoolGradient"
    case .activation: "activate"
    case .activationGradient: "activationGradient"
    case .softmax: "softmax"
    case .softmaxGradient: "softmaxGradient"
    case .crossEntropy: "softmaxCrossEntropy"
    case .targetCrossEntropy: "targetCrossEntropy"
    case .hinge: "multiClassHinge"
    case .channelMoments: "channelMoments"
    case .channelNormalization: "normalizeChannels"
    case .channelGradientSums: "channelGradientSums"
    case .normalizationGradient: "normalizationGradient"
    case .bend: "bendChannels"
    case .bendGradient: "bendGradients"
    case .squaredError: "meanSquaredError"
    case .normalization: "normalize"
    case .copy: "copyRows"
    case .addition: "addRows"
    case .products: "multiply"
    case .finiteness: "areFinite"
    case .slotSum: "sumSlots"
    case .filterSlotSum: "sumFilterSlots"
    case .transposition: "transposeTile"
    }
  }
}
