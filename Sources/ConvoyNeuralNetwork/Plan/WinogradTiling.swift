import ConvoyKernelInterface

/// How many tiles are transformed at a time: enough rows for a matrix product, and so few that their
/// components stay near.
struct WinogradTiling: Sendable {
  let tile: WinogradTile
  /// Samples per group: several if a sample has few tiles.
  let samples: Int
  /// Rows of tiles per group, if a sample has many.
  let tileRows: Int
  /// The most tiles per group.
  let tiles: Int

  /// - Parameters:
  ///   - rows: height of the map; `columns` its width.
  ///   - target: tiles that make a matrix product worthwhile.
  init(_ tile: WinogradTile, rows: Int, columns: Int, target: Int) {
    self.tile = tile
    let rows = tile.count(along: rows)
    let columns = tile.count(along: columns)
    samples = max(1, target / (rows * columns))
    tileRows = min(rows, max(1, target / columns))
    tiles = samples * tileRows * columns
  }

  /// The geometry of a map's components. Consecutive components are one cache line further apart
  /// than needed, because addresses that differ by a multiple of 4096 bytes compete for the same L1
  /// set.
  func geometry(
    rows: Int, columns: Int, channels: Int, rowStep: Int, storage: ComponentStorage = .float32
  ) -> WinogradGeometry {
    WinogradGeometry(
      tile, rows: rows, columns: columns, channels: channels, rowStep: rowStep,
      columnStep: channels,
      componentStep: storage.storedRows(tiles) * storage.storedColumns(channels) + 16,
      storage: storage)
  }

  /// Calls a body with each group's first sample, samples, first row of the map, and rows.
  func forEachGroup(
    samples count: Int, rows: Int,
    _ body: (_ sample: Int, _ samples: Int, _ row: Int, _ rows: Int) -> Void
  ) {
    let rowsAtOnce = tileRows * tile.outputs
    for sample in stride(from: 0, to: count, by: samples) {
      for row in stride(from: 0, to: rows, by: rowsAtOnce) {
        body(sample, min(samples, count - sample), row, min(rowsAtOnce, rows - row))
      }
    }
  }
}
