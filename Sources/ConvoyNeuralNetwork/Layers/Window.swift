/// A window that slides over a map with a fixed stride, for convolution and pooling.
struct Window: Sendable {
  let rows: Int
  let columns: Int
  let stride: Int
  let padding: Int

  init(rows: Int, columns: Int, stride: Int, padding: Int = 0) {
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.padding = padding
  }

  init(kernelSize: Int, stride: Int, padding: Int = 0) {
    self.init(rows: kernelSize, columns: kernelSize, stride: stride, padding: padding)
  }

  /// The window that covers a whole map.
  init(over map: FeatureShape) { self.init(rows: map.height, columns: map.width, stride: 1) }

  /// Whether the window's positions, without padding, cover the whole map.
  func covers(_ input: FeatureShape, outputs: FeatureShape) -> Bool {
    func covers(_ size: Int, _ kernel: Int, _ positions: Int) -> Bool {
      positions == 1
        ? kernel == size : stride <= kernel && (positions - 1) * stride + kernel == size
    }
    return covers(input.height, rows, outputs.height)
      && covers(input.width, columns, outputs.width)
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
    guard height >= rows, width >= columns else {
      throw .doesNotFit(
        problem:
          "its \(rows)×\(columns) kernel is larger than the \(height)×\(width) "
          + (padding > 0 ? "padded map" : "map"))
    }
    return ((height - rows) / stride + 1, (width - columns) / stride + 1)
  }
}
