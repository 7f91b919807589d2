import ConvoyKernelInterface
import ConvoyReference

extension KernelCall {
  /// The call in memory of its own, with what the reference makes of it and how far the kernel's
  /// roundings may stray from that.
  package func trial(_ conditions: TrialConditions) -> KernelTrial {
    let name = "\(name), \(conditions): \(self)"
    return switch self {
    case .convolution(let geometry, hasBias: false) where geometry.weightRowStep > 0:
      ComponentProducts.trial(name, geometry, conditions)
    case .convolution(let geometry, let hasBias):
      ConvolutionTrial(name, geometry, conditions).forward(hasBias: hasBias)
    case .pooledConvolution(let geometry, let pooling, let activation):
      ConvolutionTrial(name, geometry, conditions, isExact: true).pooled(pooling, activation)
    case .weightGradient(let geometry, let accumulates):
      ConvolutionTrial(name, geometry, conditions).weightGradient(accumulates: accumulates)
    case .depthwise(let geometry, let hasBias):
      DepthwiseTrial(name, geometry, conditions).forward(hasBias: hasBias)
    case .depthwiseWeightGradient(let geometry, let accumulates):
      DepthwiseTrial(name, geometry, conditions).weightGradient(accumulates: accumulates)
    case .spreading(let spread, let pixels, let step, let otherStep):
      SpreadTrials.spread(
        name, spread, pixels: pixels, step: step, otherStep: otherStep, conditions)
    case .gathering(let spread, let pixels, let step, let otherStep):
      SpreadTrials.gathering(
        name, spread, pixels: pixels, step: step, otherStep: otherStep, conditions)
    case .gradientLists(let geometry, let windows):
      ListedGradientTrial(name, geometry, windows, conditions).listing()
    case .listedWeightGradient(let geometry, let windows, let accumulates):
      ListedGradientTrial(name, geometry, windows, conditions)
        .weightGradient(accumulates: accumulates)
    case .listedInputGradient(let geometry, let windows, let count):
      ListedGradientTrial(name, geometry, windows, conditions, mapStep: count / windows.samples)
        .inputGradient(count: count)
    case .winogradInput(let tiles): WinogradTransformTrials.input(name, tiles, conditions)
    case .winogradOutput(let tiles, let hasBias):
      WinogradTransformTrials.output(name, tiles, hasBias: hasBias, conditions)
    case .winogradOutputGradient(let tiles):
      WinogradTransformTrials.outputGradient(name, tiles, conditions)
    case .winogradFilters(let panel): WinogradTransformTrials.filters(name, panel, conditions)
    case .winogradFilterGradient(let panel):
      WinogradTransformTrials.filterGradient(name, panel, conditions)
    case .maxPool(let pooling): PoolingTrial(name, pooling, conditions, ties: true).maximum()
    case .maxPoolGradient(let pooling):
      PoolingTrial(name, pooling, conditions, ties: true).maximumGradient()
    case .averagePool(let pooling): PoolingTrial(name, pooling, conditions).mean()
    case .averagePoolGradient(let pooling): PoolingTrial(name, pooling, conditions).meanGradient()
    case .activation(let function, let rows):
      ActivationTrials.activation(name, function, rows, conditions)
    case .activationGradient(let function, let rows):
      ActivationTrials.gradient(name, function, rows, conditions)
    case .softmax(let pixels, let channels, let step):
      SoftmaxTrials.softmax(name, pixels: pixels, channels: channels, step: step, conditions)
    case .softmaxGradient(let pixels, let channels, let step):
      SoftmaxTrials.gradient(name, pixels: pixels, channels: channels, step: step, conditions)
    case .crossEntropy(let classes):
      LossTrials.trial(name, of: .crossEntropy, classes: classes, conditions)
    case .targetCrossEntropy(let classes):
      TargetCrossEntropyTrials.trial(name, classes: classes, conditions)
    case .hinge(let classes):
      LossTrials.trial(name, of: .hinge, classes: classes, conditions)
    case .channelMoments(let map): ChannelTrials.moments(name, map, conditions)
    case .channelNormalization(let map, let isRectified):
      ChannelTrials.normalization(name, map, isRectified: isRectified, conditions)
    case .channelGradientSums(let map, let isRectified):
      ChannelTrials.gradientSums(name, map, isRectified: isRectified, conditions)
    case .normalizationGradient(let map, let step, let isRectified):
      ChannelTrials.inputGradient(
        name, map, inputGradientStep: step, isRectified: isRectified, conditions)
    case .bend(let map): ChannelTrials.bend(name, map, conditions)
    case .bendGradient(let map): ChannelTrials.bendGradient(name, map, conditions)
    case .squaredError(let classes):
      LossTrials.trial(name, of: .meanSquaredError, classes: classes, conditions)
    case .normalization(let rows, let count, let step):
      MoveTrials.normalization(name, rows: rows, count: count, step: step, conditions)
    case .copy(let rows): MoveTrials.copy(name, rows, conditions)
    case .addition(let rows): MoveTrials.addition(name, rows, conditions)
    case .transposition(let rows, let columns, let step):
      MoveTrials.transposition(name, rows: rows, columns: columns, step: step, conditions)
    case .products(let count): MoveTrials.products(name, count: count, conditions)
    case .finiteness(let count): MoveTrials.finiteness(name, count: count, conditions)
    case .pixelSum(let pixels, let accumulates):
      SumTrials.pixels(name, pixels, accumulates: accumulates, conditions)
    case .slotSum(let slots, let step, let count):
      SumTrials.slots(name, slots, step: step, count: count, conditions)
    case .filterSlotSum(let slots, let step, let layout, let filters, let taps):
      SumTrials.filterSlots(
        name, slots, step: step, layout, filters: filters, taps: taps, conditions)
    }
  }
}
