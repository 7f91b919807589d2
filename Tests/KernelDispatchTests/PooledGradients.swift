import Reference
import TestSupport

/// Gradients of pooled outputs, half of them zero, and the winner of each window: by channel, row,
/// column.
struct PooledGradients {
  let window: (size: Int, stride: Int)
  let rows: Int
  let columns: Int
  private var outputs: [Output] = []

  struct Output {
    let value: Double
    let winner: Double
  }

  init(
    window: (size: Int, stride: Int), rows: Int, columns: Int, filters: Int,
    generator: inout SeededGenerator
  ) {
    self.window = window
    self.rows = rows
    self.columns = columns
    let values = generator.values(count: filters * rows * columns)
    outputs = values.map { value in
      Output(
        value: generator.chance(of: 0.5) ? value : 0,
        winner: Double(generator.integer(in: 0...window.size * window.size - 1)))
    }
  }

  /// The full-size map: what a function makes of each value where its window's winner is.
  func spread(_ function: (Double) -> Double = { $0 }) -> [Double] {
    let height = (rows - 1) * window.stride + window.size
    let width = (columns - 1) * window.stride + window.size
    var map = Array(repeating: 0.0, count: outputs.count / (rows * columns) * height * width)
    for (index, output) in outputs.enumerated() {
      let (filter, position) = (index / (rows * columns), index % (rows * columns))
      let winner = Int(output.winner)
      let row = position / columns * window.stride + winner / window.size
      let column = position % columns * window.stride + winner % window.size
      map[(filter * height + row) * width + column] += function(output.value)
    }
    return map
  }

  /// As kernels store them: row, column, filter, with zeros for added filters.
  func stored(_ number: KeyPath<Output, Double>, filters: Int) -> [Double] {
    var stored = Array(repeating: 0.0, count: rows * columns * filters)
    for (index, output) in outputs.enumerated() {
      let (filter, position) = (index / (rows * columns), index % (rows * columns))
      stored[position * filters + filter] = output[keyPath: number]
    }
    return stored
  }
}
