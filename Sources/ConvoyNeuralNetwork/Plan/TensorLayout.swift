import ConvoyKernelInterface

/// Maps the numbers of a tensor, in file order, to offsets in `ParameterMemory`.
///
/// A file stores all numbers of an output (a filter or a unit) side by side; a matrix in memory
/// interleaves the outputs of a panel. Both are traversed in tiles, so that a cache line is read
/// once and not once per output.
struct TensorLayout: Sendable {
  /// A dimension of an output's numbers in file order, and its step in rows of the matrix.
  struct Dimension: Sendable {
    var count: Int
    var step: Int
  }

  /// The offset of the first number.
  private let place: Int
  /// Nil for a vector, which is contiguous.
  private let matrix: GroupedPanels?
  /// The matrix's row of an output's first number.
  private let firstRow: Int
  /// All but the innermost one, outermost first.
  private let outer: [Dimension]
  private let innermost: Dimension
  /// Numbers per output.
  private let outputCount: Int

  /// - Parameter count: numbers of the vector.
  init(vectorAt place: Int, count: Int) {
    self.init(
      place: place, matrix: nil, firstRow: 0, dimensions: [Dimension(count: count, step: 1)])
  }

  /// - Parameters:
  ///   - dimensions: of an output's numbers, outermost first.
  ///   - firstRow: the matrix's row of an output's first number.
  init(_ matrix: GroupedPanels, at place: Int, firstRow: Int = 0, dimensions: [Dimension]) {
    self.init(place: place, matrix: matrix, firstRow: firstRow, dimensions: dimensions)
  }

  private init(place: Int, matrix: GroupedPanels?, firstRow: Int, dimensions: [Dimension]) {
    var merged: [Dimension] = []
    for dimension in dimensions where dimension.count > 1 {
      if let last = merged.last, last.step == dimension.count * dimension.step {
        merged[merged.count - 1] = Dimension(
          count: last.count * dimension.count, step: dimension.step)
      } else {
        merged.append(dimension)
      }
    }
    innermost = merged.popLast() ?? Dimension(count: 1, step: 1)
    outer = merged
    outputCount = merged.reduce(innermost.count) { $0 * $1.count }
    self.place = place
    self.matrix = matrix
    self.firstRow = firstRow
  }

  /// Some numbers of adjacent outputs. Outputs are contiguous in memory; the numbers of each output
  /// have a constant step.
  struct Tile {
    /// Index of the first number in the file, and the step to the next output's first number.
    let index: Int
    let indexStep: Int
    /// Offset of the first number in memory, and the step to the same output's next number.
    let offset: Int
    let offsetStep: Int
    let outputs: Int
    /// Numbers of each output.
    let count: Int
  }

  /// With 16 outputs, a tile of this many numbers per output fits in the L1 cache.
  private static let largestTile = 256

  /// Calls `body` with tiles that make up a range of the file's numbers.
  func forEachTile(in range: Range<Int>, _ body: (Tile) -> Void) {
    var index = range.lowerBound
    while index < range.upperBound {
      let (output, place) = index.quotientAndRemainder(dividingBy: outputCount)
      let whole = place == 0 ? (range.upperBound - index) / outputCount : 0
      let outputs = max(1, min(whole, outputsOfPanel(from: output)))
      let end = min(outputCount, place + range.upperBound - index)
      visit(output..<output + outputs, place..<end, body)
      index += (outputs - 1) * outputCount + end - place
    }
  }

  /// An output and those behind it in its panel.
  private func outputsOfPanel(from output: Int) -> Int {
    guard let matrix else { return PanelLayout.panelWidth }
    let panel = matrix.panel(ofColumn: output)
    return matrix.firstColumn(ofPanel: panel) + matrix.width(ofPanel: panel) - output
  }

  /// - Parameter outputs: all of one panel.
  private func visit(_ outputs: Range<Int>, _ places: Range<Int>, _ body: (Tile) -> Void) {
    let rowStep = matrix.map { $0.width(ofPanel: $0.panel(ofColumn: outputs.lowerBound)) } ?? 1
    let start =
      place + (matrix?.offset(row: firstRow, column: outputs.lowerBound) ?? outputs.lowerBound)
    var index = places.lowerBound
    while index < places.upperBound {
      let (run, within) = index.quotientAndRemainder(dividingBy: innermost.count)
      let count = min(innermost.count - within, places.upperBound - index, Self.largestTile)
      let offset = start + (row(ofRun: run) + within * innermost.step) * rowStep
      body(
        Tile(
          index: outputs.lowerBound * outputCount + index, indexStep: outputCount, offset: offset,
          offsetStep: innermost.step * rowStep, outputs: outputs.count, count: count))
      index += count
    }
  }

  /// The row of a run's first number, relative to the output's first row.
  private func row(ofRun run: Int) -> Int {
    var (rest, row) = (run, 0)
    for dimension in outer.reversed() {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: dimension.count)
      row += remainder * dimension.step
      rest = quotient
    }
    return row
  }
}
