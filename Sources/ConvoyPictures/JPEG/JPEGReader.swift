/// Reads JPEG: the header here, the pixels with libjpeg-turbo. Grey, colour, and four inks;
/// sequential and progressive.
struct JPEGReader {
  private let file: PictureFile
  private let frame: JPEGFrame
  private let orientation: Orientation

  /// More than any encoder makes; each scan passes over the whole picture.
  private static let mostScans = 100

  /// Reads the segments up to the frame header.
  init(_ file: PictureFile) throws(PictureError) {
    self.file = file
    var orientation: Orientation?
    var offset = 2
    while true {
      let marker = try Self.marker(file, &offset)
      let length = try file.bigEndian16(at: offset)
      guard length >= 2 else {
        throw file.damaged(
          at: offset, expected: "a segment of at least 2 bytes", found: "\(length)")
      }
      try file.require(length, at: offset)
      let content = file.bytes[offset + 2..<offset + length]
      switch marker {
      case _ where JPEGMarker.isFrame(marker):
        frame = try JPEGFrame(file, content, marker: marker)
        self.orientation = orientation ?? .upright
        return
      case JPEGMarker.startOfScan:
        throw file.damaged(at: offset, expected: "a frame header", found: "the pixels")
      case JPEGMarker.application1 where content.starts(with: "Exif\0\0".utf8):
        // The first block counts.
        orientation = orientation ?? Orientation(exif: content.dropFirst(6)) ?? .upright
      default: break
      }
      offset += length
    }
  }

  /// Moves past the next marker.
  private static func marker(
    _ file: PictureFile, _ offset: inout Int
  ) throws(PictureError) -> UInt8 {
    let first = offset
    try file.require(2, at: offset)
    var code: UInt8 = 0xFF
    guard file.bytes[first] == 0xFF else {
      throw file.damaged(
        at: first, expected: "a marker that begins with byte 255", found: "\(file.bytes[first])")
    }
    // Any number of bytes 255 may precede a code.
    while code == 0xFF {
      offset += 1
      try file.require(1, at: offset)
      code = file.bytes[offset]
    }
    offset += 1
    guard code >= JPEGMarker.firstWithLength, !JPEGMarker.withoutLength.contains(code) else {
      throw file.damaged(
        at: first, expected: "a segment before the frame header", found: "marker \(code)")
    }
    return code
  }

  var header: PictureHeader {
    PictureHeader(
      kind: .jpeg, storedSize: frame.size, isColoured: frame.components > 1,
      orientation: orientation)
  }

  /// The picture as it is stored.
  ///
  /// - Parameter smallestSize: the least size of the upright picture.
  func picture(atLeast smallestSize: PictureSize?) throws(PictureError) -> Picture {
    // The first scan of a component takes at least a bit for each block.
    try file.verify(
      frame.size, needs: (frame.blockCount + 7) / 8, found: file.bytes.count)
    if frame.isProgressive { try verifyScanCount() }
    guard let library = TurboJPEG.shared else { throw .missingLibrary(file: file.path) }
    var divisor = 1
    if let smallestSize {
      let needed = orientation.swapsSides ? smallestSize.transposed : smallestSize
      divisor = frame.size.largestDivisor(keeping: needed)
    }
    let size = frame.size.divided(by: divisor)
    let channels = frame.components == 1 ? 1 : 3
    let pixelCount = size.width * size.height
    // A progressive picture is kept as coefficients of 16 bits before it is decoded.
    let work =
      frame.isProgressive ? 2 * frame.components * frame.size.width * frame.size.height : 0
    try file.verifyMemory(
      byteCount: work + pixelCount * (frame.components == 4 ? 7 : channels))
    let decoded = try library.decode(file, size: size, components: frame.components)
    let bytes = frame.components == 4 ? Self.colors(ofInks: decoded) : decoded
    return Picture(width: size.width, height: size.height, channels: channels, bytes: bytes)
  }

  private func verifyScanCount() throws(PictureError) {
    var scans = 0
    for offset in 1..<file.bytes.count
    where file.bytes[offset] == JPEGMarker.startOfScan && file.bytes[offset - 1] == 0xFF {
      scans += 1
    }
    guard scans <= Self.mostScans else { throw file.unsupported("\(scans) scans") }
  }

  /// Red, green and blue from four inks, which are stored as their complements, as Adobe's programs
  /// do. The same numbers as Pillow's: 255 − k − c·(255 − k) / 255, rounded, at least 0.
  private static func colors(ofInks inks: [UInt8]) -> [UInt8] {
    var colors = [UInt8](repeating: 0, count: inks.count / 4 * 3)
    for pixel in 0..<inks.count / 4 {
      let light = Int(inks[4 * pixel + 3])
      for channel in 0..<3 {
        let product = (255 - Int(inks[4 * pixel + channel])) * light + 128
        colors[3 * pixel + channel] = UInt8(max(0, light - ((product >> 8) + product) >> 8))
      }
    }
    return colors
  }
}

/// The codes of markers.
enum JPEGMarker {
  static let firstWithLength: UInt8 = 0xC0
  /// Restarts, the beginning and the end of a picture.
  static let withoutLength: ClosedRange<UInt8> = 0xD0...0xD9
  static let startOfScan: UInt8 = 0xDA
  static let application1: UInt8 = 0xE1

  /// Whether the code begins a frame. Three of the codes are of tables.
  static func isFrame(_ code: UInt8) -> Bool {
    (0xC0...0xCF).contains(code) && code != 0xC4 && code != 0xC8 && code != 0xCC
  }
}

/// The frame header of a JPEG file.
struct JPEGFrame {
  let size: PictureSize
  let components: Int
  let isProgressive: Bool
  /// The blocks of 8×8 samples of all components.
  let blockCount: Int

  init(
    _ file: PictureFile, _ content: ArraySlice<UInt8>, marker: UInt8
  ) throws(PictureError) {
    switch marker {
    case 0xC0, 0xC1, 0xC2: isProgressive = marker == 0xC2
    case 0xC3: throw file.unsupported("lossless coding")
    case 0xC9, 0xCA: throw file.unsupported("arithmetic coding")
    default: throw file.unsupported("frames of type \(marker - 0xC0)")
    }
    let start = content.startIndex
    try file.require(6, at: start)
    guard content.count >= 6, content.count == 6 + 3 * Int(content[start + 5]) else {
      throw file.damaged(
        at: start, expected: "a frame header with 3 bytes per component",
        found: "\(content.count) bytes")
    }
    guard content[start] == 8 else { throw file.unsupported("\(content[start]) bits per channel") }
    size = try file.size(
      width: file.bigEndian16(at: start + 3), height: file.bigEndian16(at: start + 1),
      at: start + 1)
    components = Int(content[start + 5])
    guard [1, 3, 4].contains(components) else {
      throw file.unsupported("\(components) components")
    }
    let factors = (0..<components).map { content[start + 7 + 3 * $0] }
    let across = factors.map { Int($0 >> 4) }
    let down = factors.map { Int($0 & 15) }
    guard (across + down).allSatisfy((1...4).contains) else {
      throw file.damaged(
        at: start + 7, expected: "sampling factors of 1 to 4", found: "\(across) and \(down)")
    }
    let (mostAcross, mostDown) = (across.max() ?? 1, down.max() ?? 1)
    let (width, height) = (size.width, size.height)
    blockCount = zip(across, down).reduce(0) { count, factors in
      let component = PictureSize(
        width: (width * factors.0 + mostAcross - 1) / mostAcross,
        height: (height * factors.1 + mostDown - 1) / mostDown
      ).divided(by: 8)
      return count + component.width * component.height
    }
  }
}

extension PictureSize {
  func divided(by divisor: Int) -> PictureSize {
    PictureSize(width: width / divisor, height: height / divisor)
  }

  /// The largest of 1, 2, 4 and 8 that divides both sides, without a rest, to at least `smallest`.
  /// With a rest, the last column or row would stand for less of the picture than the others.
  func largestDivisor(keeping smallest: PictureSize) -> Int {
    [8, 4, 2].first { divisor in
      let size = divided(by: divisor)
      return width.isMultiple(of: divisor) && height.isMultiple(of: divisor)
        && size.width >= smallest.width && size.height >= smallest.height
    } ?? 1
  }
}
