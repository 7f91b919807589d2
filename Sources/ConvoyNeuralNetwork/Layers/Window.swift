/// A square window that slides over a map with a fixed stride, for convolution and pooling.
struct Window: Sendable {
  let kernelSize: Int
  let stride: Int
  var padding = 0

  /// Whether the window's positions, without padding, cover the whole map.
  func covers(_ input: FeatureShape, outputs: FeatureShape) -> Bool {
    func covers(_ size: Int, _ positions: Int) -> Bool {
      positions == 1 ? kernelSize == size : (positions - 1) * stride + kernelSize == size
    }
    return (stride <= kernelSize || (outputs.height == 1 && outputs.width == 1))
      && covers(input.height, outputs.height) && covers(input.width, outputs.width)
  }

  /// Its positions down and across: (size + 2 · padding − kernel size) / stride + 1, rounded down.
  ///
  /// - Throws: `LayerError` if the input is a vector, or smaller than the window.
  func positions(over input: FeatureShape) throws(LayerError) -> (rows: Int, columns: Int) {
    guard !input.isFlat else {
      throw .doesNotFit(problem: "it needs a map, before any flatten or dense")
    }
    let height = input.height + 2 * padding
    let width = input.width + 2 * padding
    try LayerError.check(sizes: [input.channels, height, width])
    guard height >= kernelSize, width >= kernelSize else {
      throw .doesNotFit(
        problem:
          "its \(kernelSize)×\(kernelSize) kernel is larger than the \(height)×\(width) "
          + (padding > 0 ? "padded map" : "map"))
    }
    return ((height - kernelSize) / stride + 1, (width - kernelSize) / stride + 1)
  }
}
