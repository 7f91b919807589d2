/// What Winograd's convolution makes of a tile of 6 × 6 inputs.
package enum WinogradTile: Sendable, Equatable {
  /// 4 × 4 outputs of a 3 × 3 kernel.
  case kernel3
  /// 2 × 2 outputs of a 5 × 5 kernel.
  case kernel5

  package init?(kernelSize: Int) {
    switch kernelSize {
    case 3: self = .kernel3
    case 5: self = .kernel5
    default: return nil
    }
  }

  /// Rows and columns of inputs in a tile.
  package static let inputs = 6
  /// Products per tile and pair of channels.
  package static let components = inputs * inputs

  package var kernelSize: Int { self == .kernel3 ? 3 : 5 }
  package var taps: Int { kernelSize * kernelSize }
  /// Rows and columns of outputs in a tile.
  package var outputs: Int { Self.inputs + 1 - kernelSize }

  /// Tiles that cover a map of `size` outputs.
  package func count(along size: Int) -> Int { (size + outputs - 1) / outputs }
}

/// The memory layout of Winograd's convolution: tiles of outputs, each read from 6 × 6 inputs (or, for
/// gradients, tiles of outputs that become 6 × 6); all steps in floats.
///
/// A transformed tile has 36 components per channel. They are stored by component, then tile, then
/// channel, so that for each component the tiles are rows of a matrix.
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

  package init(
    _ tile: WinogradTile, rows: Int, columns: Int, channels: Int, rowStep: Int, columnStep: Int,
    componentStep: Int
  ) {
    self.tile = tile
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.rowStep = rowStep
    self.columnStep = columnStep
    self.componentStep = componentStep
  }

  package var tileRows: Int { tile.count(along: rows) }
  package var tileColumns: Int { tile.count(along: columns) }
}
