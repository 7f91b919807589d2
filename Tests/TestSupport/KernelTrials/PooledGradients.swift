import ConvoyKernelInterface
import ConvoyReference

/// Gradients of pooled outputs, some of them zero, and the winner of each window: by channel, row,
/// column.
package struct PooledGradients {
  let window: ReferenceWindow
  let rows: Int
  let columns: Int
  private var outputs: [Output] = []

  private struct Output {
    let value: Double
    /// By rows of the window.
    let winner: Int
  }

  /// - Parameter share: how many are not zero, on average.
  package init(
    window: ReferenceWindow, rows: Int, columns: Int, filters: Int,
    share: Double = 0.5, generator: inout SeededGenerator
  ) {
    self.window = window
    self.rows = rows
    self.columns = columns
    let values = generator.values(count: filters * rows * columns)
    outputs = values.map { value in
      Output(
        value: generator.chance(of: share) ? value : 0,
        winner: generator.integer(in: 0...window.height * window.width - 1))
    }
  }

  /// The full-size map: what a function makes of each value where its window's winner is.
  package func spread(_ function: (Double) -> Double = { $0 }) -> [Double] {
    let height = (rows - 1) * window.down.stride + window.height
    let width = (columns - 1) * window.across.stride + window.width
    var map = Array(repeating: 0.0, count: outputs.count / (rows * columns) * height * width)
    for (index, output) in outputs.enumerated() {
      let (filter, position) = (index / (rows * columns), index % (rows * columns))
      let winner = output.winner
      let row = position / columns * window.down.stride + winner / window.width
      let column = position % columns * window.across.stride + winner % window.width
      map[(filter * height + row) * width + column] += function(output.value)
    }
    return map
  }

  /// As kernels store them: row, column, filter, with zeros for added filters.
  package func storedValues(filters: Int) -> [Double] { stored(filters: filters, \.value) }

  /// The places of the winners, as the pooling's winner steps count them, stored likewise.
  package func storedWinners(_ pooling: PoolingGeometry) -> [Double] {
    stored(filters: pooling.channels) { Double(place(of: $0, pooling)) }
  }

  private func place(of output: Output, _ pooling: PoolingGeometry) -> Int {
    output.winner / window.width * pooling.winnerRowStep
      + output.winner % window.width * pooling.winnerColumnStep
  }

  private func stored(filters: Int, _ number: (Output) -> Double) -> [Double] {
    var stored = Array(repeating: 0.0, count: rows * columns * filters)
    for (index, output) in outputs.enumerated() {
      let (filter, position) = (index / (rows * columns), index % (rows * columns))
      stored[position * filters + filter] = number(output)
    }
    return stored
  }

  /// What is not zero of a filter's: where its taps begin in the input, and the gradient.
  ///
  /// - Parameters:
  ///   - pooling: its winner steps are the convolution's input steps.
  ///   - offset: what is added to all places.
  package func listed(
    filter: Int, _ pooling: PoolingGeometry, offset: Int
  ) -> [(place: Int, gradient: Double)] {
    (0..<rows * columns).compactMap { position in
      let index = filter * rows * columns + position
      guard index < outputs.count, outputs[index].value != 0 else { return nil }
      let window =
        position / columns * pooling.rowStride * pooling.winnerRowStep
        + position % columns * pooling.columnStride * pooling.winnerColumnStep
      return (offset + window + place(of: outputs[index], pooling), outputs[index].value)
    }
  }
}
