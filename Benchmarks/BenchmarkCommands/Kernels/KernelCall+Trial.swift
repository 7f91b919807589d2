import ConvoyReference
import ConvoyTestSupport

extension KernelCall {
  /// A call in memory of its own, with what the reference makes of it.
  ///
  /// - Parameter listedShare: how many of the windows in lists have a gradient that is not zero.
  func trial(listedShare: Double) -> KernelTrial {
    var generator = SeededGenerator(seed: 1)
    switch self {
    case .convolution(let geometry, let hasBias):
      return ConvolutionTrial(geometry, &generator).forward(hasBias: hasBias, &generator)
    case .pooledConvolution(let geometry, let pooling, let activation):
      return ConvolutionTrial(geometry, &generator, isExact: true)
        .pooled(pooling, activation, &generator)
    case .weightGradient(let geometry):
      return ConvolutionTrial(geometry, &generator).weightGradient(&generator)
    case .gradientLists(let geometry, let pooling):
      return ListedGradientTrial(
        geometry, ListedWindows(pooling: pooling, samples: 1), share: listedShare, &generator
      ).listing()
    case .listedWeightGradient(let geometry, let windows):
      return ListedGradientTrial(geometry, windows, share: listedShare, &generator)
        .weightGradient()
    case .listedInputGradient(let geometry, let windows, let count):
      return ListedGradientTrial(
        geometry, windows, mapStep: count / windows.samples, share: listedShare, &generator
      ).inputGradient(count: count)
    case .winogradInput(let tiles): return WinogradTransformTrials.input(tiles, &generator)
    case .winogradOutput(let tiles, let hasBias):
      return WinogradTransformTrials.output(tiles, hasBias: hasBias, &generator)
    case .winogradOutputGradient(let tiles):
      return WinogradTransformTrials.outputGradient(tiles, &generator)
    case .winogradFilters(let panel):
      return WinogradTransformTrials.filters(
        channels: panel.channels, width: panel.width, tapStep: panel.tapStep,
        componentStep: panel.componentStep, &generator)
    case .winogradFilterGradient(let panel):
      return WinogradTransformTrials.filterGradient(
        channels: panel.channels, width: panel.width, componentStep: panel.componentStep,
        tapStep: panel.tapStep, &generator)
    case .maxPool(let pooling): return PoolingTrial(pooling, &generator).maximum()
    case .maxPoolGradient(let pooling): return PoolingTrial(pooling, &generator).maximumGradient()
    case .averagePool(let pooling): return PoolingTrial(pooling, &generator).mean()
    case .averagePoolGradient(let pooling): return PoolingTrial(pooling, &generator).meanGradient()
    case .softmax(let pixels, let channels, let step):
      let rows = (0..<pixels).map { _ in generator.values(count: channels) }
      return SoftmaxTrials.softmax(name, of: rows, step: step)
    case .softmaxGradient(let pixels, let channels, let step):
      return SoftmaxTrials.gradient(
        name, pixels: pixels, channels: channels, step: step, &generator)
    case .products(let count): return Self.products(count, &generator)
    case .finiteness(let count): return Self.finiteness(count, &generator)
    case .filterSlotSum(let slots, let step, let layout, let filters, let taps):
      return Self.filterSlots(slots, step, layout, filters, taps, &generator)
    case .activation(let function, let rows): return Self.activation(function, rows, &generator)
    case .activationGradient(let function, let rows):
      return Self.activationGradient(function, rows, &generator)
    case .crossEntropy(let classes): return Self.loss(classes, &generator)
    case .rowSums(let rows, let columns, let step):
      return Self.sums(rows, columns, step, &generator)
    case .slotSum(let slots, let step, let count):
      return Self.slots(slots, step, count, &generator)
    case .normalization(let rows, let count, let step):
      return Self.normalization(rows, count, step, &generator)
    case .copy(let rows): return Self.copy(rows, &generator)
    case .addition(let rows): return Self.addition(rows, &generator)
    case .transposition(let rows, let columns, let step):
      return Self.transposition(rows, columns, step, &generator)
    }
  }

  /// Where a map's values lie, by channel, row and column.
  static func places(_ shape: ReferenceShape, rowStep: Int, pixelStep: Int) -> [Int] {
    (0..<shape.channels).flatMap { channel in
      (0..<shape.height).flatMap { row in
        (0..<shape.width).map { row * rowStep + $0 * pixelStep + channel }
      }
    }
  }
}
