/// Decompresses a bitmap of run lengths: pairs of a count and colours; a count of 0 begins an
/// escape. Pixels that are skipped have colour 0.
struct BMPRunLengths {
  private let file: PictureFile
  private let size: PictureSize
  private let start: Int
  private let isFourBits: Bool

  init(_ reader: BMPReader) {
    file = reader.file
    size = reader.size
    start = reader.start
    isFourBits = reader.bitsPerPixel == 4
  }

  /// The colour of each pixel, bottom row first.
  func colors() throws(PictureError) -> [UInt8] {
    let count = size.width * size.height
    // Two bytes give 255 pixels at most. Files that skip more are refused, since a few bytes could
    // announce any size.
    try file.verify(size, needs: count / 128, found: max(0, file.bytes.count - start))
    try file.verifyMemory(byteCount: 4 * count)
    var colors = [UInt8](repeating: 0, count: count)
    var offset = start
    var column = 0
    var row = 0
    while true {
      let run = Int(try byte(at: offset))
      let code = try byte(at: offset + 1)
      offset += 2
      if run > 0 {
        try requireRoom(run, column, row, at: offset)
        for pixel in 0..<run {
          colors[row * size.width + column + pixel] = color(pixel, in: code)
        }
        column += run
        continue
      }
      switch code {
      case 0:
        column = 0
        row += 1
      case 1: return colors
      case 2:
        column += Int(try byte(at: offset))
        row += Int(try byte(at: offset + 1))
        offset += 2
        try requireRoom(0, column, row, at: offset)
      default:
        let run = Int(code)
        try requireRoom(run, column, row, at: offset)
        for pixel in 0..<run {
          let code = try byte(at: offset + (isFourBits ? pixel / 2 : pixel))
          colors[row * size.width + column + pixel] = color(pixel, in: code)
        }
        column += run
        // Up to an even number of bytes.
        let bytes = isFourBits ? (run + 1) / 2 : run
        offset += (bytes + 1) / 2 * 2
      }
    }
  }

  /// The colour of a pixel of a run; four bits hold two colours in turn.
  private func color(_ pixel: Int, in code: UInt8) -> UInt8 {
    guard isFourBits else { return code }
    return pixel.isMultiple(of: 2) ? code >> 4 : code & 15
  }

  private func byte(at offset: Int) throws(PictureError) -> UInt8 {
    try file.require(1, at: offset)
    return file.bytes[offset]
  }

  private func requireRoom(
    _ count: Int, _ column: Int, _ row: Int, at offset: Int
  ) throws(PictureError) {
    guard column + count <= size.width, row < size.height || count == 0 else {
      throw file.damaged(
        at: offset, expected: "runs within \(size) pixels",
        found: "\(count) pixels at column \(column) of row \(row)")
    }
  }
}
