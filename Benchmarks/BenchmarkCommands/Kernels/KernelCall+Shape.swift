import ConvoyKernelInterface
import ConvoyTestSupport

extension KernelCall {
  /// Channels are as they are stored.
  var shape: String {
    switch self {
    case .convolution(let geometry, _), .weightGradient(let geometry, _): geometry.shape
    case .pooledConvolution(let geometry, let pooling, _):
      "\(geometry.shape), pooled \(pooling.kernelRows)×\(pooling.kernelColumns)"
    case .listedWeightGradient(let geometry, let windows, _),
      .listedInputGradient(let geometry, let windows, _):
      "\(geometry.shape), \(windows.samples) samples"
    case .winogradInput(let tiles), .winogradOutput(let tiles, _),
      .winogradOutputGradient(let tiles):
      "\(tiles.rows)×\(tiles.columns)×\(tiles.channels)"
    case .winogradFilters(let panel), .winogradFilterGradient(let panel):
      "\(panel.channels) → \(panel.width)"
    case .depthwise(let geometry, _), .depthwiseWeightGradient(let geometry, _):
      "\(geometry.kernelRows)×\(geometry.kernelColumns), \(geometry.planes) each "
        + "→ \(geometry.outputRows)×\(geometry.outputColumns)×\(geometry.channels)"
    case .spreading(let spread, let pixels, _, _), .gathering(let spread, let pixels, _, _):
      "\(pixels) × \(spread.planes * spread.planeStep)"
    case .gradientLists(_, let windows): windows.pooling.shape
    case .maxPool(let pooling), .maxPoolGradient(let pooling), .averagePool(let pooling),
      .averagePoolGradient(let pooling):
      pooling.shape
    case .transposition(let rows, let columns, _): "\(rows) × \(columns)"
    case .pixelSum(let pixels, _):
      pixels.rows == 1
        ? "\(pixels.columns) × \(pixels.channels)"
        : "\(pixels.rows)×\(pixels.columns)×\(pixels.channels)"
    case .activation(_, let rows), .activationGradient(_, let rows), .copy(let rows),
      .addition(let rows):
      "\(rows.rows) × \(rows.count)"
    case .channelMoments(let map), .channelNormalization(let map, _),
      .channelGradientSums(let map, _), .normalizationGradient(let map, _, _), .bend(let map),
      .bendGradient(let map):
      "\(map.rows.rows)×\(map.rows.count / map.channels)×\(map.channels)"
    case .softmax(let pixels, let channels, _), .softmaxGradient(let pixels, let channels, _):
      "\(pixels) × \(channels)"
    case .crossEntropy(let classes), .targetCrossEntropy(let classes), .hinge(let classes),
      .squaredError(let classes):
      "\(classes)"
    case .products(let count), .finiteness(let count): "\(count)"
    case .normalization(let rows, let count, _): "\(rows) × \(count)"
    case .slotSum(let slots, _, let count): "\(slots) × \(count)"
    case .filterSlotSum(let slots, _, _, let filters, let taps):
      "\(slots) × \(taps.count * filters)"
    }
  }

  /// Windows whose gradients are in lists, zeros included; nil for kernels without lists.
  var windows: Int? {
    switch self {
    case .gradientLists(_, let windows), .listedWeightGradient(_, let windows, _),
      .listedInputGradient(_, let windows, _):
      windows.count
    default: nil
    }
  }

  /// Floating-point operations that the kernel makes for its sums of products, a multiply-add as two;
  /// nil where moving numbers is what takes the time.
  ///
  /// - Parameter listed: gradients in the lists.
  func operations(listed: Double) -> Double? {
    switch self {
    case .convolution(let geometry, _), .pooledConvolution(let geometry, _, _),
      .weightGradient(let geometry, _):
      Double(2 * geometry.outputRows * geometry.outputColumns * geometry.weights.count)
    case .depthwise(let geometry, _), .depthwiseWeightGradient(let geometry, _):
      Double(2 * geometry.outputRows * geometry.outputColumns * geometry.weights.count)
    case .listedWeightGradient(let geometry, _, _), .listedInputGradient(let geometry, _, _):
      2 * listed * Double(geometry.weights.rows)
    default: nil
    }
  }
}

extension ConvolutionGeometry {
  /// Channels are counted as they are stored.
  fileprivate var shape: String {
    let product = "\(outputColumns) × \(rowRun) → \(outputChannels)"
    if weightRowStep > 0, outputRows > 1 { return "\(outputRows) of \(product)" }
    return isDense || weightRowStep > 0
      ? product
      : "\(kernelRows)×\(kernelColumns), \(inputChannels) → \(outputRows)×\(outputColumns)×\(outputChannels)"
  }
}

extension PoolingGeometry {
  fileprivate var shape: String { "\(outputRows)×\(outputColumns)×\(channels)" }
}
