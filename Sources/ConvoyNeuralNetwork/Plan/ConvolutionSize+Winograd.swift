import ConvoyKernelInterface

extension ConvolutionSize {
  /// Whether Winograd's convolution takes clearly less time than the direct one.
  ///
  /// It spends 36 products where a tile of 4 × 4 outputs takes 144, but transforms every tile: about
  /// 630 products' time for an input channel and 200 for an output channel, measured while training,
  /// where components leave the first cache. Tiles that stick out of the map are wasted in part. The choice depends on sizes alone, not on the
  /// processor, so that all processors give the same bits.
  func suitsWinograd(_ input: FeatureShape) -> Bool {
    guard
      kernelSize == WinogradGeometry.kernelSize, stride == 1, padding < kernelSize,
      input.channels >= PanelLayout.columnMultiple
    else { return false }
    let output = outputShape(for: input)
    let tiles =
      WinogradGeometry.tiles(along: output.height) * WinogradGeometry.tiles(along: output.width)
    let inputs = Double(PanelLayout.padded(input.channels))
    let outputs = Double(PanelLayout.padded(filters))
    let transformed =
      Double(tiles)
      * (Double(WinogradGeometry.components) * inputs * outputs + 630 * inputs + 200 * outputs)
    let direct =
      Double(output.height * output.width) * Double(kernelSize * kernelSize) * inputs * outputs
    return transformed < 0.85 * direct
  }

  /// The zeros that the layer reads around its input: its padding, and what its last tiles reach.
  func inputBorder(for input: FeatureShape) -> FeatureMap.Border {
    let output = outputShape(for: input)
    let added = suitsWinograd(input)
    func after(_ outputs: Int) -> Int {
      padding + (added ? Self.sticksOut(outputs) : 0)
    }
    return FeatureMap.Border(
      top: padding, bottom: after(output.height), left: padding, right: after(output.width))
  }

  /// How far the last tile reaches beyond a map of that size.
  static func sticksOut(_ size: Int) -> Int {
    WinogradGeometry.tiles(along: size) * WinogradGeometry.tileSize - size
  }
}
