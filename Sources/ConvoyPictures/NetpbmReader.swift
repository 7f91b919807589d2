/// Reads Netpbm's bitmaps, graymaps and pixmaps, plain (P1, P2, P3) and raw (P4, P5, P6).
///
/// Values are scaled to 255: `v · 255 / maxval`, rounded to nearest, halves up. Further pictures in
/// the file are ignored.
struct NetpbmReader {
  private let file: PictureFile
  private let size: PictureSize
  private let channels: Int
  private let isBitmap: Bool
  private let isPlain: Bool
  /// The value of white.
  private let largestValue: Int
  /// The offset of the pixels.
  private let start: Int

  init(_ file: PictureFile) throws(PictureError) {
    let number = file.bytes[1] - UInt8(ascii: "0")
    isBitmap = number == 1 || number == 4
    isPlain = number <= 3
    channels = number == 3 || number == 6 ? 3 : 1
    var text = NetpbmText(file, offset: 2)
    let width = try text.number()
    let height = try text.number()
    size = try file.size(width: width, height: height, at: 2)
    let offset = text.offset
    largestValue = isBitmap ? 1 : try text.number()
    guard (1...65_535).contains(largestValue) else {
      throw file.damaged(at: offset, expected: "a maxval of 1 to 65535", found: "\(largestValue)")
    }
    // A single space ends the header, since pixels may look like spaces.
    try file.require(1, at: text.offset)
    guard Self.isSpace(file.bytes[text.offset]) else {
      throw file.damaged(
        at: text.offset, expected: "a space before the pixels",
        found: "byte \(file.bytes[text.offset])")
    }
    start = text.offset + 1
    self.file = file
  }

  var header: PictureHeader {
    PictureHeader(
      kind: .netpbm, storedSize: size, isColoured: channels == 3,
      bitsPerChannel: largestValue > 255 ? 16 : 8)
  }

  func picture() throws(PictureError) -> Picture {
    let count = size.width * size.height * channels
    let sampleSize = largestValue > 255 ? 2 : 1
    let rowSize = isBitmap ? (size.width + 7) / 8 : size.width * channels * sampleSize
    // A plain number takes a digit, and a space before the next; bits take no spaces.
    let smallest = isPlain ? (isBitmap ? count : 2 * count - 1) : rowSize * size.height
    try file.require(smallest, at: start)
    try file.verifyMemory(byteCount: count)
    var pixels = [UInt8](repeating: 0, count: count)
    if isPlain {
      var text = NetpbmText(file, offset: start)
      for index in 0..<count {
        pixels[index] =
          isBitmap ? try text.bit() ? 0 : 255 : try eightBits(text.number(), at: index)
      }
    } else if isBitmap {
      for row in 0..<size.height {
        for column in 0..<size.width {
          let byte = file.bytes[start + row * rowSize + column / 8]
          pixels[row * size.width + column] = byte << (column % 8) & 0x80 == 0 ? 255 : 0
        }
      }
    } else if largestValue == 255 {
      pixels = Array(file.bytes[start..<start + count])
    } else {
      for index in 0..<count {
        let offset = start + index * sampleSize
        let value = sampleSize == 1 ? Int(file.bytes[offset]) : try file.bigEndian16(at: offset)
        pixels[index] = try eightBits(value, at: index)
      }
    }
    return Picture(width: size.width, height: size.height, channels: channels, bytes: pixels)
  }

  private func eightBits(_ value: Int, at index: Int) throws(PictureError) -> UInt8 {
    guard value <= largestValue else {
      throw file.damaged(
        at: start, expected: "values up to \(largestValue)", found: "\(value) as value \(index)")
    }
    return UInt8((2 * 255 * value + largestValue) / (2 * largestValue))
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

/// Numbers in digits, between spaces and comments.
private struct NetpbmText {
  private let file: PictureFile
  private(set) var offset: Int

  init(_ file: PictureFile, offset: Int) {
    self.file = file
    self.offset = offset
  }

  mutating func number() throws(PictureError) -> Int {
    try skipSpaces()
    let first = offset
    var number = 0
    while offset < file.bytes.count, let digit = digit(at: offset) {
      number = number * 10 + digit
      offset += 1
      guard number <= Int32.max else {
        throw file.damaged(at: first, expected: "a number below 2147483648", found: "a larger one")
      }
    }
    guard offset > first else {
      throw file.damaged(at: first, expected: "a number", found: "byte \(file.bytes[first])")
    }
    return number
  }

  /// Bits may follow each other without spaces.
  mutating func bit() throws(PictureError) -> Bool {
    try skipSpaces()
    guard let digit = digit(at: offset), digit <= 1 else {
      throw file.damaged(at: offset, expected: "a bit", found: "byte \(file.bytes[offset])")
    }
    offset += 1
    return digit == 1
  }

  /// Moves to a byte that is neither a space nor in a comment.
  private mutating func skipSpaces() throws(PictureError) {
    var isComment = false
    while offset < file.bytes.count {
      let byte = file.bytes[offset]
      if isComment {
        isComment = byte != 0x0A && byte != 0x0D
      } else if byte == UInt8(ascii: "#") {
        isComment = true
      } else if !NetpbmReader.isSpace(byte) {
        return
      }
      offset += 1
    }
    try file.require(1, at: offset)
  }

  private func digit(at offset: Int) -> Int? {
    let byte = file.bytes[offset]
    return (0x30...0x39).contains(byte) ? Int(byte) - 0x30 : nil
  }
}
