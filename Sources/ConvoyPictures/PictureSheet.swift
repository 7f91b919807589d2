/// Rows of pictures of one size, in one picture.
package struct PictureSheet: Sendable {
  /// The rows may have different numbers of pictures.
  package var rows: [[Picture]]
  /// Each pixel becomes a square of so many.
  package var scale: Int
  /// The pixels between pictures and around them.
  package var gap: Int
  /// The grey of the gaps.
  package var background: UInt8

  package init(rows: [[Picture]], scale: Int = 1, gap: Int = 1, background: UInt8 = 255) {
    precondition(scale > 0 && gap >= 0, "A sheet does not shrink pictures or overlap them.")
    precondition(!rows.joined().isEmpty, "A sheet has at least one picture.")
    self.rows = rows
    self.scale = scale
    self.gap = gap
    self.background = background
  }

  package func picture() -> Picture {
    let pictures = Array(rows.joined())
    let size = pictures[0].size
    let channels = pictures[0].channels
    precondition(
      pictures.allSatisfy { $0.size == size && $0.channels == channels },
      "The pictures of a sheet have the same size and channels.")
    let columns = rows.map(\.count).max() ?? 0
    let cell = PictureSize(width: size.width * scale + gap, height: size.height * scale + gap)
    let sheet = PictureSize(
      width: gap + columns * cell.width, height: gap + rows.count * cell.height)
    var bytes = [UInt8](repeating: background, count: sheet.width * sheet.height * channels)
    for (row, pictures) in rows.enumerated() {
      for (column, picture) in pictures.enumerated() {
        for y in 0..<size.height * scale {
          var target =
            ((gap + row * cell.height + y) * sheet.width + gap + column * cell.width) * channels
          let source = y / scale * size.width * channels
          for x in 0..<size.width * scale {
            for channel in 0..<channels {
              bytes[target] = picture.bytes[source + x / scale * channels + channel]
              target += 1
            }
          }
        }
      }
    }
    return Picture(width: sheet.width, height: sheet.height, channels: channels, bytes: bytes)
  }
}
