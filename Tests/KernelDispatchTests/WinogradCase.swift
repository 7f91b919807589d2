import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// A 3 × 3 or 5 × 5 convolution of a random ragged shape, and how large the numbers are that Winograd's
/// algorithm sums on the way: each product with the absolute values of its transforms.
struct WinogradCase {
  let tile: WinogradTile
  let layer: ReferenceConvolution<Double>
  /// With what the last tiles reach beyond the map: numbers that must not matter.
  let tiledInput: ReferenceTensor<Double>
  let outputGradient: ReferenceTensor<Double>
  let filters: FilterLayout
  let rows: Int
  let columns: Int
  /// Whether components are bfloat16.
  let roundsToBFloat16: Bool
  let description: String

  init(_ tile: WinogradTile, seed: UInt64, roundsToBFloat16: Bool = false) {
    self.tile = tile
    self.roundsToBFloat16 = roundsToBFloat16
    let (size, border) = (tile.kernelSize, tile.kernelSize - 1)
    var generator = SeededGenerator(seed: seed)
    let channels = generator.pick([1, 3, 7, 17])
    let filterCount = generator.pick([8, 16, 24, 40]) - generator.pick([0, 0, 1, 5])
    (rows, columns) = (generator.integer(in: 1...9), generator.integer(in: 1...9))
    let shape = ReferenceShape(
      channels: channels,
      height: tile.outputs * tile.count(along: rows) + border,
      width: tile.outputs * tile.count(along: columns) + border)
    tiledInput = ReferenceTensor(shape: shape, values: generator.values(count: shape.count))
    layer = ReferenceConvolution(
      inputChannels: channels, filters: filterCount,
      window: ReferenceWindow(height: size, width: size, stride: 1),
      weights: generator.values(count: filterCount * channels * tile.taps),
      biases: generator.values(count: filterCount))
    let output = ReferenceShape(channels: filterCount, height: rows, width: columns)
    outputGradient = ReferenceTensor(
      shape: output, values: generator.values(count: output.count))
    filters = FilterLayout(
      inputChannels: channels, storedChannels: PanelLayout.padded(channels),
      kernelHeight: size, kernelWidth: size, filters: filterCount)
    description =
      "\(size) × \(size), seed \(seed): \(channels) → \(filterCount), output \(rows) × \(columns)"
      + (roundsToBFloat16 ? ", bfloat16" : "")
  }

  /// Between its rows are pixels that are not the map's.
  var outputMap: StoredMap {
    let channels = PanelLayout.padded(layer.filters)
    return StoredMap(outputGradient.shape, rowStep: (columns + 2) * channels)
  }

  /// The input without what lies beyond the map.
  var input: ReferenceTensor<Double> {
    let shape = ReferenceShape(
      channels: tiledInput.shape.channels, height: rows + tile.kernelSize - 1,
      width: columns + tile.kernelSize - 1)
    var input = ReferenceTensor<Double>(zeros: shape)
    for channel in 0..<shape.channels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          input[channel, row, column] = tiledInput[channel, row, column]
        }
      }
    }
    return input
  }

  var tiles: [(row: Int, column: Int)] {
    (0..<tile.count(along: rows)).flatMap { row in
      (0..<tile.count(along: columns)).map { (row, $0) }
    }
  }

  /// The algorithm in Double; with absolute values of all numbers and matrices it gives Σ |…|, what
  /// rounding errors are a share of.
  func output(_ change: (WinogradMatrices.Matrix) -> WinogradMatrices.Matrix = { $0 })
    -> [Double]
  {
    typealias Matrices = WinogradMatrices
    let transforms = (
      input: change(Matrices.input(tile)), filter: change(Matrices.filter(tile)),
      output: change(Matrices.output(tile))
    )
    var output = ReferenceTensor<Double>(zeros: outputGradient.shape)
    for filter in 0..<layer.filters {
      for tile in tiles {
        var sums = emptyTile
        for channel in 0..<layer.inputChannels {
          let values = Matrices.sandwich(transforms.input, change(inputTile(tile, channel)))
          let weights = Matrices.sandwich(transforms.filter, change(kernel(filter, channel)))
          for (row, column) in components {
            sums[row][column] += values[row][column] * weights[row][column]
          }
        }
        let result = Matrices.sandwich(transforms.output, sums)
        let bias = change([[layer.biases[filter]]])[0][0]
        forEachPlace(of: tile) { row, column, place in
          output[filter, row, column] = result[place.row][place.column] + bias
        }
      }
    }
    return output.values
  }

  /// The gradient of the weights by the transposed transforms, likewise.
  func weightGradient(_ change: (WinogradMatrices.Matrix) -> WinogradMatrices.Matrix = { $0 })
    -> [Double]
  {
    typealias Matrices = WinogradMatrices
    let input = change(Matrices.input(tile))
    let filterTransposed = Matrices.transpose(change(Matrices.filter(tile)))
    let outputTransposed = Matrices.transpose(change(Matrices.output(tile)))
    var gradient: [Double] = []
    for filter in 0..<layer.filters {
      for channel in 0..<layer.inputChannels {
        var sums = emptyTile
        for tile in tiles {
          var gradients = Array(
            repeating: Array(repeating: 0.0, count: self.tile.outputs), count: self.tile.outputs)
          forEachPlace(of: tile) { row, column, place in
            gradients[place.row][place.column] = outputGradient[filter, row, column]
          }
          let values = Matrices.sandwich(input, change(inputTile(tile, channel)))
          let transformed = Matrices.sandwich(outputTransposed, change(gradients))
          for (row, column) in components {
            sums[row][column] += values[row][column] * transformed[row][column]
          }
        }
        gradient += Matrices.sandwich(filterTransposed, sums).flatMap(\.self)
      }
    }
    return gradient
  }

  private var components: [(row: Int, column: Int)] {
    (0..<tile.inputs).flatMap { row in (0..<tile.inputs).map { (row, $0) } }
  }

  private var emptyTile: WinogradMatrices.Matrix {
    Array(repeating: Array(repeating: 0.0, count: tile.inputs), count: tile.inputs)
  }

  private func inputTile(
    _ tile: (row: Int, column: Int), _ channel: Int
  ) -> WinogradMatrices.Matrix {
    (0..<self.tile.inputs).map { row in
      (0..<self.tile.inputs).map {
        tiledInput[
          channel, tile.row * self.tile.outputs + row, tile.column * self.tile.outputs + $0]
      }
    }
  }

  private func kernel(_ filter: Int, _ channel: Int) -> WinogradMatrices.Matrix {
    let size = tile.kernelSize
    let start = (filter * layer.inputChannels + channel) * tile.taps
    return (0..<size).map { row in
      Array(layer.weights[start + row * size..<start + (row + 1) * size])
    }
  }

  /// The places of a tile that lie on the map.
  private func forEachPlace(
    of tile: (row: Int, column: Int),
    _ body: (_ row: Int, _ column: Int, _ place: (row: Int, column: Int)) -> Void
  ) {
    let size = self.tile.outputs
    for row in tile.row * size..<min(rows, (tile.row + 1) * size) {
      for column in tile.column * size..<min(columns, (tile.column + 1) * size) {
        body(row, column, (row - tile.row * size, column - tile.column * size))
      }
    }
  }
}
