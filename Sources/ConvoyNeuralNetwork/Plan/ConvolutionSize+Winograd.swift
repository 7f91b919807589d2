import ConvoyKernelInterface

extension ConvolutionSize {
  /// Whether Winograd's convolution takes clearly less time than the direct one.
  ///
  /// A tile of 4 × 4 outputs takes 36 products instead of 144, but every tile must be transformed.
  /// That costs as much as 630 products per input channel and 200 per output channel, measured in
  /// training, where components do not stay in the L1 cache. Tiles that extend past the map waste
  /// part of their work. The choice depends on sizes alone, not on the processor, so that all
  /// processors give the same bits.
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

  /// The border of zeros that the layer reads: its padding, and the overhang of its last tiles.
  func inputBorder(for input: FeatureShape) -> FeatureMap.Border {
    let output = outputShape(for: input)
    let added = suitsWinograd(input)
    func after(_ outputs: Int) -> Int {
      padding + (added ? Self.sticksOut(outputs) : 0)
    }
    return FeatureMap.Border(
      top: padding, bottom: after(output.height), left: padding, right: after(output.width))
  }

  /// By how many outputs the last tile extends past a map of `size` outputs.
  static func sticksOut(_ size: Int) -> Int {
    WinogradGeometry.tiles(along: size) * WinogradGeometry.tileSize - size
  }
}
