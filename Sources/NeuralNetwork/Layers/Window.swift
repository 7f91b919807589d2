/// A square window that slides over a map in equal steps, as convolutions and poolings have it.
struct Window {
  let kernelSize: Int
  let stride: Int
  var padding = 0

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
          "its \(kernelSize)×\(kernelSize) kernel is larger than the \(height)×\(width) padded map")
    }
    return ((height - kernelSize) / stride + 1, (width - kernelSize) / stride + 1)
  }
}
