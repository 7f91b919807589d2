import ConvoyKernelInterface

/// How many tiles are transformed at a time, so that their components stay in the second cache.
struct WinogradTiling: Sendable {
  /// Samples taken at a time: several where one has few tiles.
  let samples: Int
  /// Rows of tiles taken at a time of a sample that has many.
  let tileRows: Int
  /// The most tiles that this makes.
  let tiles: Int

  /// - Parameters:
  ///   - rows: of the map in tiles, as `columns` is.
  ///   - target: tiles that are worth a matrix product.
  init(rows: Int, columns: Int, target: Int) {
    let rows = WinogradGeometry.tiles(along: rows)
    let columns = WinogradGeometry.tiles(along: columns)
    samples = max(1, target / (rows * columns))
    tileRows = min(rows, max(1, target / columns))
    tiles = samples * tileRows * columns
  }

  /// The geometry of a map's components: with a cache line more than needed from each to the next, as
  /// those that lie a multiple of 4096 bytes apart compete for lines of the first cache.
  func geometry(
    rows: Int, columns: Int, channels: Int, rowStep: Int
  ) -> WinogradGeometry {
    WinogradGeometry(
      rows: rows, columns: columns, channels: channels, rowStep: rowStep, columnStep: channels,
      componentStep: tiles * channels + 16)
  }

  /// Calls a body with each group's first sample, samples, first row of the map, and rows.
  func forEachGroup(
    samples count: Int, rows: Int,
    _ body: (_ sample: Int, _ samples: Int, _ row: Int, _ rows: Int) -> Void
  ) {
    let rowsAtOnce = tileRows * WinogradGeometry.tileSize
    for sample in stride(from: 0, to: count, by: samples) {
      for row in stride(from: 0, to: rows, by: rowsAtOnce) {
        body(sample, min(samples, count - sample), row, min(rowsAtOnce, rows - row))
      }
    }
  }
}
