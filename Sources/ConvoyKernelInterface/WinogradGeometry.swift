/// F(m × m, r × r): Winograd's convolution in tiles of m × m outputs, for kernels of r × r (Lavin and
/// Gray, 2016).
package enum WinogradTile: Sendable, Equatable, CaseIterable {
  /// 4 × 4 outputs of a 3 × 3 kernel from 6 × 6 inputs.
  case f4x3
  /// 2 × 2 outputs of a 5 × 5 kernel from 6 × 6 inputs.
  case f2x5
  /// 2 × 2 outputs of a 3 × 3 kernel from 4 × 4 inputs. Not for gradients.
  case f2x3

  /// The tile for batches; nil for other sizes of kernels.
  package init?(kernelSize: Int) {
    switch kernelSize {
    case 3: self = .f4x3
    case 5: self = .f2x5
    default: return nil
    }
  }

  // Rows and columns. By cases: a comparison would be a call that kernels of all instruction sets share.

  package var inputs: Int { outputs + kernelSize - 1 }
  package var outputs: Int {
    switch self {
    case .f4x3: 4
    case .f2x5, .f2x3: 2
    }
  }
  package var kernelSize: Int {
    switch self {
    case .f4x3, .f2x3: 3
    case .f2x5: 5
    }
  }
  /// Products per tile and pair of channels.
  package var components: Int { inputs * inputs }
  package var taps: Int { kernelSize * kernelSize }

  /// Tiles that cover a map of `size` outputs.
  package func count(along size: Int) -> Int { (size + outputs - 1) / outputs }
}

/// How a component's numbers are stored: a matrix of a row for each tile and a column for each channel,
/// or, of filters, a row for each channel and a column for each filter. Columns come in multiples of 8.
///
/// A bfloat16 is the upper half of a float, which is rounded to nearest, ties away from zero. A pair of
/// them takes the place of a float, the first in its lower half.
package enum ComponentStorage: Sendable, Equatable {
  case float32
  /// Pairs of neighbours in a row.
  case bfloat16
  /// Pairs of neighbours in a column: an even row and the one that follows it, or zeros.
  case bfloat16RowPairs

  /// Rows of places.
  package func storedRows(_ rows: Int) -> Int {
    self == .bfloat16RowPairs ? (rows + 1) / 2 : rows
  }

  /// Places in a row.
  package func storedColumns(_ columns: Int) -> Int {
    self == .bfloat16 ? columns / 2 : columns
  }
}

/// The memory layout of Winograd's convolution: tiles of outputs, each read from more inputs (or, for
/// gradients, tiles of outputs that become as large); all steps in floats.
///
/// A transformed tile has a component for each of its inputs, per channel. They are stored by component,
/// then tile, then channel, so that for each component the tiles are rows of a matrix.
package struct WinogradGeometry: Sendable, Equatable {
  package var tile: WinogradTile
  /// Rows of the map that the tiles cover; the last tiles may extend past it.
  package var rows: Int
  package var columns: Int
  /// A multiple of 8.
  package var channels: Int
  package var rowStep: Int
  package var columnStep: Int
  /// From a component to the next.
  package var componentStep: Int
  /// Ignored by `winogradOutput` and for F(2 × 2, 3 × 3), whose components are floats.
  package var storage: ComponentStorage
  /// The first tile's row in each component's matrix. With pairs of rows, tiles are stored in ascending
  /// order: an even row zeroes the one that follows it.
  package var firstTile = 0

  package init(
    _ tile: WinogradTile, rows: Int, columns: Int, channels: Int, rowStep: Int, columnStep: Int,
    componentStep: Int, storage: ComponentStorage = .float32
  ) {
    self.tile = tile
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.rowStep = rowStep
    self.columnStep = columnStep
    self.componentStep = componentStep
    self.storage = storage
  }

  package var tileRows: Int { tile.count(along: rows) }
  package var tileColumns: Int { tile.count(along: columns) }
}
