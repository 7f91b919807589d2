/// The memory layout of Winograd's convolution: tiles of 4 × 4 outputs, each read from 6 × 6 inputs
/// (or, for gradients, tiles of 4 × 4 that become 6 × 6); all steps in floats.
///
/// A transformed tile has 36 components per channel. They are stored by component, then tile, then
/// channel, so that for each component the tiles are rows of a matrix.
package struct WinogradGeometry: Sendable, Equatable {
  /// Rows of the map that the tiles cover; the last tiles may extend past it.
  package var rows: Int
  package var columns: Int
  /// A multiple of 8.
  package var channels: Int
  package var rowStep: Int
  package var columnStep: Int
  /// From a component to the next.
  package var componentStep: Int

  /// Rows and columns of outputs in a tile.
  package static let tileSize = 4
  /// Products per tile and pair of channels.
  package static let components = 36
  package static let kernelSize = 3
  package static let taps = kernelSize * kernelSize

  package init(
    rows: Int, columns: Int, channels: Int, rowStep: Int, columnStep: Int, componentStep: Int
  ) {
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.rowStep = rowStep
    self.columnStep = columnStep
    self.componentStep = componentStep
  }

  package static func tiles(along size: Int) -> Int { (size + tileSize - 1) / tileSize }
  package var tileRows: Int { Self.tiles(along: rows) }
  package var tileColumns: Int { Self.tiles(along: columns) }
}
