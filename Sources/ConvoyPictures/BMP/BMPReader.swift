/// Reads Windows and OS/2 bitmaps: 1, 4, 8, 16, 24 and 32 bits per pixel, palettes, bit fields and
/// run lengths. Alpha is ignored.
struct BMPReader {
  let file: PictureFile
  let size: PictureSize
  let bitsPerPixel: Int
  /// The offset of the pixels.
  let start: Int
  private let isTopDown: Bool
  private let compression: Compression
  private let palette: BMPPalette
  private let fields: [BMPField]

  enum Compression: Int {
    case none
    case runLengths8
    case runLengths4
    case bitFields
  }

  private static let fileHeaderSize = 14
  private static let oldHeaderSize = 12

  init(_ file: PictureFile) throws(PictureError) {
    self.file = file
    start = try file.littleEndian32(at: 10)
    let headerStart = Self.fileHeaderSize
    let headerSize = try file.littleEndian32(at: headerStart)
    guard [Self.oldHeaderSize, 40, 52, 56, 64, 108, 124].contains(headerSize) else {
      throw file.damaged(
        at: headerStart, expected: "a header of 12, 40, 52, 56, 64, 108 or 124 bytes",
        found: "\(headerSize)")
    }
    let isOld = headerSize == Self.oldHeaderSize
    try file.require(headerSize, at: headerStart)
    var height: Int
    let width: Int
    if isOld {
      width = try file.littleEndian16(at: headerStart + 4)
      height = try file.littleEndian16(at: headerStart + 6)
    } else {
      width = try Self.signed(file.littleEndian32(at: headerStart + 4))
      height = try Self.signed(file.littleEndian32(at: headerStart + 8))
    }
    isTopDown = height < 0
    height = abs(height)
    size = try file.size(width: width, height: height, at: headerStart + 4)
    bitsPerPixel = try file.littleEndian16(at: headerStart + (isOld ? 10 : 14))
    let code = isOld ? 0 : try file.littleEndian32(at: headerStart + 16)
    guard let compression = Compression(rawValue: code),
      compression != .bitFields || headerSize != 64
    else { throw file.unsupported("compression \(code)") }
    self.compression = compression
    let isSound =
      switch compression {
      case .none: [1, 4, 8, 16, 24, 32].contains(bitsPerPixel)
      case .runLengths8: bitsPerPixel == 8 && !isTopDown
      case .runLengths4: bitsPerPixel == 4 && !isTopDown
      case .bitFields: bitsPerPixel == 16 || bitsPerPixel == 32
      }
    guard isSound else {
      throw file.damaged(
        at: headerStart + (isOld ? 10 : 14),
        expected: "bits per pixel that fit compression \(code)",
        found: "\(bitsPerPixel)")
    }
    let masksStart = headerStart + 40
    fields =
      switch (compression, bitsPerPixel) {
      case (.bitFields, _): try BMPField.masks(in: file, at: masksStart)
      case (_, 16):
        [BMPField(shift: 10, bits: 5), BMPField(shift: 5, bits: 5), BMPField(shift: 0, bits: 5)]
      case (_, 24), (_, 32):
        [BMPField(shift: 16, bits: 8), BMPField(shift: 8, bits: 8), BMPField(shift: 0, bits: 8)]
      default: []
      }
    palette =
      bitsPerPixel > 8
      ? BMPPalette()
      : try BMPPalette(
        file, at: headerStart + headerSize, bitsPerPixel: bitsPerPixel, entrySize: isOld ? 3 : 4,
        colorsUsed: isOld ? 0 : file.littleEndian32(at: headerStart + 32))
  }

  private static func signed(_ number: Int) -> Int { Int(Int32(truncatingIfNeeded: number)) }

  private var channels: Int { fields.isEmpty && palette.isGray ? 1 : 3 }

  var header: PictureHeader {
    PictureHeader(kind: .bmp, storedSize: size, isColoured: channels == 3)
  }

  func picture() throws(PictureError) -> Picture {
    let byteCount = size.width * size.height * channels
    guard compression == .none || compression == .bitFields else {
      let colors = try BMPRunLengths(self).colors()
      return try picture(of: colors, rowSize: size.width, start: 0, bitsPerPixel: 8)
    }
    let rowSize = (size.width * bitsPerPixel + 31) / 32 * 4
    // The last row may lack the bytes that fill it up to four.
    try file.require(
      (size.height - 1) * rowSize + (size.width * bitsPerPixel + 7) / 8, at: start)
    try file.verifyMemory(byteCount: byteCount)
    return try picture(of: file.bytes, rowSize: rowSize, start: start, bitsPerPixel: bitsPerPixel)
  }

  private func picture(
    of stored: [UInt8], rowSize: Int, start: Int, bitsPerPixel: Int
  ) throws(PictureError) -> Picture {
    let channels = channels
    var pixels = [UInt8](repeating: 0, count: size.width * size.height * channels)
    var target = 0
    for row in 0..<size.height {
      let source = start + (isTopDown ? row : size.height - 1 - row) * rowSize
      for column in 0..<size.width {
        if fields.isEmpty {
          let bit = column * bitsPerPixel
          let byte = Int(stored[source + bit / 8])
          let color = byte >> (8 - bitsPerPixel - bit % 8) & ((1 << bitsPerPixel) - 1)
          guard color < palette.count else {
            throw file.damaged(
              at: self.start, expected: "pixels of \(palette.count) colours",
              found: "colour \(color) in row \(row)")
          }
          for channel in 0..<channels { pixels[target + channel] = palette[color, channel] }
        } else {
          let size = bitsPerPixel / 8
          var pixel: UInt32 = 0
          for byte in 0..<size {
            pixel |= UInt32(stored[source + column * size + byte]) << UInt32(8 * byte)
          }
          for channel in 0..<3 { pixels[target + channel] = fields[channel].value(in: pixel) }
        }
        target += channels
      }
    }
    return Picture(width: size.width, height: size.height, channels: channels, bytes: pixels)
  }
}

/// The bits of a pixel that hold one channel.
struct BMPField {
  let shift: UInt32
  let bits: UInt32

  /// The masks of red, green and blue.
  static func masks(in file: PictureFile, at offset: Int) throws(PictureError) -> [BMPField] {
    var fields: [BMPField] = []
    for index in 0..<3 {
      let mask = UInt32(try file.littleEndian32(at: offset + 4 * index))
      let shift = UInt32(mask.trailingZeroBitCount)
      guard mask != 0, (mask >> shift) & ((mask >> shift) &+ 1) == 0 else {
        throw file.damaged(
          at: offset + 4 * index, expected: "a mask of adjacent bits",
          found: "0x" + String(mask, radix: 16))
      }
      fields.append(BMPField(shift: shift, bits: UInt32(mask.nonzeroBitCount)))
    }
    return fields
  }

  /// The value scaled to 255, rounded down.
  func value(in pixel: UInt32) -> UInt8 {
    let largest = (UInt64(1) << UInt64(bits)) - 1
    return UInt8((UInt64(pixel) >> UInt64(shift) & largest) * 255 / largest)
  }
}

/// The colours of a bitmap with at most 8 bits per pixel.
struct BMPPalette {
  /// Red, green and blue of each colour.
  private var bytes: [UInt8] = []

  var count: Int { bytes.count / 3 }

  init() {}

  /// - Parameter colorsUsed: 0 for as many as pixels can have.
  init(
    _ file: PictureFile, at start: Int, bitsPerPixel: Int, entrySize: Int, colorsUsed: Int
  ) throws(PictureError) {
    let most = 1 << bitsPerPixel
    // Some writers announce more colours than pixels can have.
    let count = colorsUsed == 0 ? most : min(most, colorsUsed)
    try file.require(count * entrySize, at: start)
    for color in 0..<count {
      let entry = start + color * entrySize
      bytes += [file.bytes[entry + 2], file.bytes[entry + 1], file.bytes[entry]]
    }
  }

  var isGray: Bool { areGray(bytes) }

  subscript(color: Int, channel: Int) -> UInt8 { bytes[3 * color + channel] }
}
