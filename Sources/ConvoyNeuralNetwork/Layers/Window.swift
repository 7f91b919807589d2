/// A number for the rows of a map, and one for its columns. An architecture file has one number for
/// both, or a list of two.
public struct Pair: Sendable, Equatable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The number for rows.
  public let rows: Int
  /// The number for columns.
  public let columns: Int

  /// A number for rows, then one for columns.
  public init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The same number for both.
  public init(_ both: Int) { self.init(both, both) }
  public init(integerLiteral value: Int) { self.init(value) }

  package var isEqual: Bool { rows == columns }
  package var product: Int { rows * columns }
  /// `2`, or `2×1`.
  public var description: String { isEqual ? "\(rows)" : sides }
  /// `2×2`.
  var sides: String { "\(rows)×\(columns)" }
}

/// A window that slides over a map in fixed steps, for convolution and pooling.
struct Window: Sendable, Equatable {
  let rows: Axis
  let columns: Axis

  /// The window along one axis.
  struct Axis: Sendable, Equatable {
    let kernelSize: Int
    let stride: Int
    /// From one tap to the next.
    var dilation = 1
    /// Zeros before the map, and after it.
    var before = 0
    var after = 0

    /// From the first tap to past the last one.
    var reach: Int { (kernelSize - 1) * dilation + 1 }

    func outputs(over size: Int) -> Int { (size + before + after - reach) / stride + 1 }
  }

  init(rows: Axis, columns: Axis) {
    self.rows = rows
    self.columns = columns
  }

  init(kernelSize: Pair, stride: Pair) {
    self.init(
      rows: Axis(kernelSize: kernelSize.rows, stride: stride.rows),
      columns: Axis(kernelSize: kernelSize.columns, stride: stride.columns))
  }

  /// The window that covers a whole map.
  init(over map: FeatureShape) {
    self.init(kernelSize: Pair(map.height, map.width), stride: 1)
  }

  var taps: Int { rows.kernelSize * columns.kernelSize }

  /// Whether the window's positions, without padding, cover the whole map.
  func covers(_ input: FeatureShape, outputs: FeatureShape) -> Bool {
    func covers(_ size: Int, _ axis: Axis, _ positions: Int) -> Bool {
      positions == 1
        ? axis.kernelSize == size
        : axis.stride <= axis.kernelSize && (positions - 1) * axis.stride + axis.kernelSize == size
    }
    return covers(input.height, rows, outputs.height)
      && covers(input.width, columns, outputs.width)
  }

  /// Its positions down and across: (size + padding − reach) / stride + 1, rounded down.
  ///
  /// - Throws: `LayerError` if the input is a vector, or smaller than the window.
  func positions(over input: FeatureShape) throws(LayerError) -> (rows: Int, columns: Int) {
    guard !input.isFlat else {
      throw .doesNotFit(problem: "it needs a map, before any flatten or dense")
    }
    let height = input.height + rows.before + rows.after
    let width = input.width + columns.before + columns.after
    try LayerError.check(sizes: [input.channels, height, width])
    guard height >= rows.reach, width >= columns.reach else {
      let isPadded = height > input.height || width > input.width
      let isDilated = rows.reach > rows.kernelSize || columns.reach > columns.kernelSize
      throw .doesNotFit(
        problem:
          "its \(rows.reach)×\(columns.reach) \(isDilated ? "dilated kernel" : "kernel") "
          + "is larger than the \(height)×\(width) \(isPadded ? "padded map" : "map")")
    }
    return (rows.outputs(over: input.height), columns.outputs(over: input.width))
  }
}
