/// The image header of a PNG file: the size and layout of its pixels.
struct PNGLayout {
  enum ColorType: Int {
    case gray = 0
    case color = 2
    case palette = 3
    case grayWithAlpha = 4
    case colorWithAlpha = 6

    /// Samples per pixel.
    var samples: Int {
      switch self {
      case .gray, .palette: 1
      case .grayWithAlpha: 2
      case .color: 3
      case .colorWithAlpha: 4
      }
    }

    /// The bits per sample that PNG allows.
    var bitDepths: [Int] {
      switch self {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .color, .grayWithAlpha, .colorWithAlpha: [8, 16]
      }
    }
  }

  let size: PictureSize
  let bitDepth: Int
  let colorType: ColorType
  let isInterlaced: Bool

  /// Reads the image header, the first chunk.
  init(_ file: PictureFile, _ chunk: PNGChunk) throws(PictureError) {
    guard chunk.type == .imageHeader, chunk.data.count == 13 else {
      throw file.damaged(
        at: chunk.data.lowerBound - 8, expected: "a chunk IHDR of 13 bytes",
        found: "\(chunk.type) of \(chunk.data.count)")
    }
    try chunk.verifyChecksum(file)
    let start = chunk.data.lowerBound
    size = try file.size(
      width: file.bigEndian32(at: start), height: file.bigEndian32(at: start + 4), at: start)
    bitDepth = Int(file.bytes[start + 8])
    let type = Int(file.bytes[start + 9])
    guard let colorType = ColorType(rawValue: type), colorType.bitDepths.contains(bitDepth) else {
      throw file.damaged(
        at: start + 8, expected: "a bit depth and colour type of PNG",
        found: "\(bitDepth) and \(type)")
    }
    self.colorType = colorType
    for (name, offset) in [("compression", 10), ("filter", 11)] where file.bytes[start + offset] > 0
    {
      throw file.damaged(
        at: start + offset, expected: "\(name) method 0", found: "\(file.bytes[start + offset])")
    }
    let interlace = file.bytes[start + 12]
    guard interlace <= 1 else {
      throw file.damaged(
        at: start + 12, expected: "interlace method 0 or 1", found: "\(interlace)")
    }
    isInterlaced = interlace == 1
  }

  var bitsPerPixel: Int { bitDepth * colorType.samples }

  /// A part of the pixels that is stored as a picture of its own.
  struct Pass {
    let firstColumn: Int
    let firstRow: Int
    let columnStep: Int
    let rowStep: Int
    let width: Int
    let height: Int
    /// The bytes of a row, and one for its filter.
    let rowSize: Int
  }

  /// One pass, or the seven of Adam7 but for the empty ones.
  var passes: [Pass] {
    let grids: [(Int, Int, Int, Int)] =
      isInterlaced
      ? [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ] : [(0, 0, 1, 1)]
    return grids.compactMap { firstColumn, firstRow, columnStep, rowStep in
      guard firstColumn < size.width, firstRow < size.height else { return nil }
      let width = (size.width - firstColumn + columnStep - 1) / columnStep
      return Pass(
        firstColumn: firstColumn, firstRow: firstRow, columnStep: columnStep, rowStep: rowStep,
        width: width, height: (size.height - firstRow + rowStep - 1) / rowStep,
        rowSize: 1 + (width * bitsPerPixel + 7) / 8)
    }
  }
}
