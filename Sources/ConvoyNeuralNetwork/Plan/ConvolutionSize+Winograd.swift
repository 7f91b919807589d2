import ConvoyKernelInterface

extension ConvolutionSize {
  /// The tile of Winograd's convolution for a batch, where it takes clearly less time than the direct
  /// one.
  ///
  /// The choice depends on sizes alone: not on the processor, so that all processors give the same bits,
  /// nor on the precision, so that maps have the same borders where a network is judged.
  func winogradTile(_ input: FeatureShape) -> WinogradTile? {
    guard
      groups == 1, window.rows.suitsWinograd, window.columns.suitsWinograd,
      window.rows.kernelSize == window.columns.kernelSize,
      let tile = WinogradTile(kernelSize: window.rows.kernelSize),
      input.channels >= PanelLayout.columnMultiple,
      window.rows.meetsInput(ofSize: input.height), window.columns.meetsInput(ofSize: input.width)
    else { return nil }
    let isTaken =
      switch algorithm {
      case .fastest:
        input.channels >= Self.fewestChannels(of: tile)
          && cost(of: tile, input) < 0.9 * cost(of: nil, input)
      case .direct: false
      case .winograd, .winogradExceptWeightGradient: true
      }
    return isTaken ? tile : nil
  }

  /// The tile for the forward pass of one sample; nil for the direct convolution.
  ///
  /// The filters are read for one map, which has few tiles. A number of theirs that comes from the third
  /// cache or from memory takes as long as ten multiply-adds or more, so that fewer components may
  /// matter more than fewer products.
  func tileForSingleSamples(
    _ input: FeatureShape, insteadOf tile: WinogradTile
  ) -> WinogradTile? {
    let pairs = Double(PanelLayout.padded(input.channels) * PanelLayout.padded(filters))
    func time(_ tile: WinogradTile?) -> Double {
      let numbers = Double(tile?.components ?? window.taps) * pairs
      let exceedsSecondCache =
        Double(MemoryLayout<Float>.stride) * numbers > Double(NetworkPlan.secondCacheBytes)
      return cost(of: tile, input) + (exceedsSecondCache ? 10 * numbers : 0)
    }
    let candidates = tile == .f4x3 ? [tile, .f2x3, nil] : [tile, nil]
    return candidates.min { time($0) < time($1) } ?? tile
  }

  /// The estimated time of the convolution of a map, in multiply-adds of floats: by Winograd's algorithm,
  /// or directly where there is no tile.
  ///
  /// A tile of 4 × 4 outputs of a 3 × 3 kernel takes 36 products instead of 144, one of 2 × 2 outputs
  /// of a 5 × 5 kernel 36 instead of 100, but every tile must be transformed. With 36 components that
  /// costs at most as much as 630 products per input channel, and per output channel 50 for each row of
  /// outputs, measured in training, where components do not stay in the L1 cache; with fewer, in
  /// proportion. Tiles that extend past the map waste part of their work. On Zen 5, VDPBF16PS makes two
  /// products in the time of one, but components come in pairs first: together they take two thirds of the
  /// time. Other processors choose the same, so that all give the same bits.
  private func cost(
    of tile: WinogradTile?, _ input: FeatureShape, _ precision: Precision = .fp32
  ) -> Double {
    let output = outputShape(for: input)
    let inputs = Double(PanelLayout.padded(input.channels))
    let outputs = Double(PanelLayout.padded(filters))
    guard let tile else {
      return Double(output.height * output.width) * Double(window.taps) * inputs * outputs
    }
    let tiles = tile.count(along: output.height) * tile.count(along: output.width)
    let transforms = (630 * inputs + Double(50 * tile.outputs) * outputs) / 36
    let products = inputs * outputs * (precision == .bf16 ? 2.0 / 3 : 1)
    return Double(tiles) * Double(tile.components) * (products + transforms)
  }

  /// Whether Winograd's algorithm also makes the weight gradient. With 16 channels it takes half the
  /// direct one's time, which is 4% of a step of `resnet20`. But it rounds more than any other pass:
  /// with it, the losses of 25 steps are further from double precision than PyTorch's
  /// (Benchmarks/README.md, "What was tried").
  func weightGradientSuitsWinograd(_ input: FeatureShape) -> Bool {
    guard winogradTile(input) != nil else { return false }
    return switch algorithm {
    case .fastest:
      min(PanelLayout.padded(input.channels), PanelLayout.padded(filters))
        >= Self.fewestChannelsOfWinogradWeights
    case .winograd: true
    case .direct, .winogradExceptWeightGradient: false
    }
  }

  /// Whether Winograd's algorithm makes both gradients behind max pooling in less time than lists of the
  /// output gradients do. Per multiply-add, lists take 1.5 to 4 times as long as a direct convolution;
  /// the least is assumed.
  ///
  /// - Parameter nonzero: estimated share of the windows whose gradient is not zero.
  func gradientsSuitWinograd(
    _ input: FeatureShape, behind pooling: PoolingGeometry, nonzero: Double
  ) -> Bool {
    guard let tile = winogradTile(input), weightGradientSuitsWinograd(input) else { return false }
    let windows = Double(pooling.outputRows * pooling.outputColumns)
    let productsOfWindow =
      Double(window.taps) * Double(PanelLayout.padded(input.channels))
      * Double(PanelLayout.padded(filters))
    return algorithm == .winograd
      || cost(of: tile, input, precision) < 1.5 * nonzero * windows * productsOfWindow
  }

  /// Whether every tap meets the map for some output that a window covers. Of convolutions that Winograd's
  /// algorithm can make.
  func allTapsMeet(_ input: FeatureShape, behind pooling: PoolingGeometry) -> Bool {
    window.rows.allTapsMeet(
      input.height, windows: pooling.outputRows, of: pooling.kernelRows, every: pooling.rowStride)
      && window.columns.allTapsMeet(
        input.width, windows: pooling.outputColumns, of: pooling.kernelColumns,
        every: pooling.columnStride)
  }

  private static let fewestChannelsOfWinogradWeights = 24

  /// Products over eight channels are slow. F(4 × 4, 3 × 3) still pays, with 25% of the products;
  /// F(2 × 2, 5 × 5), with 36%, does not.
  private static func fewestChannels(of tile: WinogradTile) -> Int {
    tile == .f2x5 ? PanelLayout.columnMultiple + 1 : PanelLayout.columnMultiple
  }

  /// The border of zeros that the layer reads: its padding, and the overhang of its last tiles.
  func inputBorder(for input: FeatureShape) -> FeatureMap.Border {
    let output = outputShape(for: input)
    let tile = winogradTile(input)
    func after(_ axis: Window.Axis, _ outputs: Int) -> Int {
      axis.after + (tile?.overhang(outputs) ?? 0)
    }
    return FeatureMap.Border(
      top: window.rows.before, bottom: after(window.rows, output.height),
      left: window.columns.before, right: after(window.columns, output.width))
  }
}

extension WinogradTile {
  /// By how many outputs the last tile extends past a map of `size` outputs.
  func overhang(_ size: Int) -> Int { count(along: size) * outputs - size }
}

extension Window.Axis {
  fileprivate var suitsWinograd: Bool {
    stride == 1 && dilation == 1 && before < kernelSize && after < kernelSize
  }

  /// Whether every tap of the kernel meets a map of `size` inputs for some output. The gradient of one
  /// that meets the border alone is zero; sums of transformed tiles leave roundings there, which some
  /// optimizers make steps of.
  fileprivate func meetsInput(ofSize size: Int) -> Bool {
    outputs(over: size) > before && size >= kernelSize - before
  }

  /// Whether each tap, for some output of a window, reads one of `size` inputs; the stride is 1.
  fileprivate func allTapsMeet(
    _ size: Int, windows: Int, of outputs: Int, every step: Int
  ) -> Bool {
    (0..<kernelSize).allSatisfy { tap in
      (0..<windows).contains { window in
        let first = window * step + tap - before
        return first < size && first + outputs > 0
      }
    }
  }
}
