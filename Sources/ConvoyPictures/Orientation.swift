/// The orientation of EXIF, tag 0x0112: where the stored picture's first row and column belong.
package enum Orientation: Int, Sendable, CaseIterable {
  case upright = 1
  case mirrored
  case upsideDown
  case flipped
  case transposed
  /// To be turned clockwise by a quarter.
  case turnedLeft
  case transversed
  /// To be turned counterclockwise by a quarter.
  case turnedRight

  /// Whether the upright picture has the stored one's rows as columns.
  var swapsSides: Bool { rawValue >= Orientation.transposed.rawValue }

  /// The orientation in an EXIF block, which is a TIFF file; nil if it has none or is damaged.
  init?(exif bytes: ArraySlice<UInt8>) {
    let block = EXIFBlock(bytes)
    guard let number = block?.orientation, let orientation = Orientation(rawValue: number) else {
      return nil
    }
    self = orientation
  }
}

/// The first directory of an EXIF block.
private struct EXIFBlock {
  private let bytes: ArraySlice<UInt8>
  private let isLittle: Bool

  private static let orientationTag = 0x0112
  /// A number of 16 bits.
  private static let short = 3
  private static let entrySize = 12

  init?(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    if bytes.starts(with: "II*\0".utf8) {
      isLittle = true
    } else if bytes.starts(with: "MM\0*".utf8) {
      isLittle = false
    } else {
      return nil
    }
  }

  var orientation: Int? {
    guard let directory = integer(size: 4, at: 4), let count = integer(size: 2, at: directory)
    else { return nil }
    for entry in 0..<count {
      let offset = directory + 2 + entry * Self.entrySize
      guard let tag = integer(size: 2, at: offset) else { return nil }
      guard tag == Self.orientationTag else { continue }
      guard integer(size: 2, at: offset + 2) == Self.short, integer(size: 4, at: offset + 4) == 1
      else { return nil }
      return integer(size: 2, at: offset + 8)
    }
    return nil
  }

  /// Offsets are sums of numbers below 2³², which cannot overflow.
  private func integer(size: Int, at offset: Int) -> Int? {
    guard offset + size <= bytes.count else { return nil }
    let field = bytes.dropFirst(offset).prefix(size)
    return isLittle
      ? field.reversed().reduce(0) { $0 << 8 | Int($1) } : field.reduce(0) { $0 << 8 | Int($1) }
  }
}

extension Picture {
  /// The upright picture, from one that is stored in `orientation`.
  func turned(_ orientation: Orientation) -> Picture {
    // The index of the pixel that becomes the first, and the steps to its right and lower
    // neighbours.
    let first: Int
    let right: Int
    let down: Int
    let last = width * height - 1
    switch orientation {
    case .upright: return self
    case .mirrored: (first, right, down) = (width - 1, -1, width)
    case .upsideDown: (first, right, down) = (last, -1, -width)
    case .flipped: (first, right, down) = (last - (width - 1), 1, -width)
    case .transposed: (first, right, down) = (0, width, 1)
    case .turnedLeft: (first, right, down) = (last - (width - 1), -width, 1)
    case .transversed: (first, right, down) = (last, -width, -1)
    case .turnedRight: (first, right, down) = (width - 1, width, -1)
    }
    let size = orientation.swapsSides ? size.transposed : size
    var turned = [UInt8](repeating: 0, count: bytes.count)
    var target = 0
    for row in 0..<size.height {
      var source = (first + row * down) * channels
      for _ in 0..<size.width {
        for channel in 0..<channels { turned[target + channel] = bytes[source + channel] }
        target += channels
        source += right * channels
      }
    }
    return Picture(width: size.width, height: size.height, channels: channels, bytes: turned)
  }
}
