import ConvoyCompression

/// Reads PNG (Portable Network Graphics, W3C Recommendation, third edition): all colour types and
/// bit depths, transparency, interlacing. Of an animation, the still picture.
///
/// Bytes after the end chunk are ignored, as libpng does; any other fault is an error.
struct PNGReader {
  private let file: PictureFile
  private let layout: PNGLayout
  private let colors: PNGColors
  private let orientation: Orientation
  /// The offset of the first chunk of image data.
  private let dataStart: Int
  /// The compressed bytes in all chunks of image data.
  private let dataCount: Int

  /// Reads all chunks but the image data.
  init(_ file: PictureFile) throws(PictureError) {
    try file.require(PictureKind.pngSignature.count, at: 0)
    guard file.bytes.starts(with: PictureKind.pngSignature) else {
      throw file.damaged(
        at: 4, expected: "PNG's signature with its line ends", found: "other bytes")
    }
    let header = try PNGChunk(file, at: PictureKind.pngSignature.count)
    layout = try PNGLayout(file, header)
    var colors = PNGColors(layout)
    var orientation = Orientation.upright
    var dataStart: Int?
    var dataEnd = 0
    var dataCount = 0
    var offset = header.end
    while true {
      let chunk = try PNGChunk(file, at: offset)
      try file.require(chunk.data.count + 4, at: chunk.data.lowerBound)
      if chunk.type == .imageData {
        guard dataStart == nil || dataEnd == offset else {
          throw file.damaged(
            at: offset, expected: "chunks IDAT one after another", found: "others between them")
        }
        if dataStart == nil { dataStart = offset }
        dataEnd = chunk.end
        dataCount += chunk.data.count
      } else {
        try chunk.verifyChecksum(file)
        switch chunk.type {
        case .palette, .transparency:
          guard dataStart == nil else {
            throw file.damaged(
              at: offset, expected: "\(chunk.type) before the pixels", found: "it after them")
          }
          try colors.read(file, chunk)
        case .exif:
          orientation = Orientation(exif: file.bytes[chunk.data]) ?? orientation
        case .end: break
        default:
          guard !chunk.type.isCritical || chunk.type == .imageHeader else {
            throw file.unsupported("the critical chunk \(chunk.type)")
          }
          guard chunk.type != .imageHeader else {
            throw file.damaged(at: offset, expected: "one chunk IHDR", found: "another")
          }
        }
      }
      offset = chunk.end
      if chunk.type == .end { break }
    }
    guard let dataStart else {
      throw file.damaged(at: offset, expected: "chunks IDAT with the pixels", found: "none")
    }
    guard layout.colorType != .palette || colors.colorCount > 0 else {
      throw file.damaged(at: dataStart, expected: "a palette before the pixels", found: "none")
    }
    self.file = file
    self.colors = colors
    self.orientation = orientation
    self.dataStart = dataStart
    self.dataCount = dataCount
  }

  var header: PictureHeader {
    PictureHeader(
      kind: .png, storedSize: layout.size, isColoured: colors.channels == 3,
      orientation: orientation, bitsPerChannel: layout.bitDepth)
  }

  /// The picture as it is stored.
  func picture() throws(PictureError) -> Picture {
    let passes = layout.passes
    let pixelBytes = passes.reduce(0) { $0 + $1.height * $1.rowSize }
    try file.verify(
      layout.size,
      needs: (pixelBytes + InflateStream.largestRatio - 1) / InflateStream.largestRatio,
      found: dataCount)
    let size = layout.size
    // Rows are decompressed some at a time: zlib is slow where it has little room.
    let rowCounts = passes.map { min($0.height, max(1, Self.rowBytes / $0.rowSize)) }
    let bufferSize = zip(passes, rowCounts).map { ($1 + 1) * $0.rowSize }.max() ?? 0
    let byteCount = size.width * size.height * colors.channels
    try file.verifyMemory(byteCount: byteCount + bufferSize)
    var pixels = [UInt8](repeating: 0, count: byteCount)
    let data = try ImageDataReader(file, at: dataStart)
    // The row above comes first.
    var rows = [UInt8](repeating: 0, count: bufferSize)
    for (pass, rowCount) in zip(passes, rowCounts) {
      for index in 0..<pass.rowSize { rows[index] = 0 }
      for first in stride(from: 0, to: pass.height, by: rowCount) {
        let count = min(rowCount, pass.height - first)
        try data.fill(&rows, pass.rowSize..<(count + 1) * pass.rowSize)
        for row in 1...count {
          let start = row * pass.rowSize
          guard let filter = PNGFilter(rawValue: rows[start]) else {
            throw file.damaged(
              at: dataStart, expected: "filters 0 to 4",
              found: "\(rows[start]) in row \(first + row - 1)")
          }
          filter.undo(
            in: &rows, start + 1..<start + pass.rowSize, rowSize: pass.rowSize,
            pixelSize: max(1, layout.bitsPerPixel / 8))
          let firstPixel =
            (pass.firstRow + (first + row - 1) * pass.rowStep) * size.width + pass.firstColumn
          if let color = colors.expand(
            rows, from: start + 1, count: pass.width, to: &pixels, at: firstPixel,
            step: pass.columnStep)
          {
            throw file.damaged(
              at: dataStart, expected: "pixels of \(colors.colorCount) colours",
              found: "colour \(color) in row \(first + row - 1)")
          }
        }
        for index in 0..<pass.rowSize { rows[index] = rows[count * pass.rowSize + index] }
      }
    }
    try data.requireEnd()
    return Picture(
      width: size.width, height: size.height, channels: colors.channels, bytes: pixels)
  }

  /// About the bytes that are decompressed at a time.
  private static let rowBytes = 1 << 16
}
