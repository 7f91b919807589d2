extension Picture {
  /// The picture with dark and light exchanged.
  package var inverted: Picture {
    Picture(width: width, height: height, channels: channels, bytes: bytes.map { 255 - $0 })
  }

  /// The channels of a picture.
  package enum Color: Int, Sendable, CaseIterable {
    case gray = 1
    case rgb = 3
  }

  /// The picture in grey, or with the same grey in three channels.
  ///
  /// Grey is the luma of ITU-R BT.601, `(19595·R + 38470·G + 7471·B + 2¹⁵) / 2¹⁶` rounded down, as
  /// in Pillow.
  package func converted(to color: Color) -> Picture {
    if color.rawValue == channels { return self }
    let count = width * height
    var converted = [UInt8](repeating: 0, count: count * color.rawValue)
    for pixel in 0..<count {
      switch color {
      case .gray:
        let red = UInt32(bytes[3 * pixel])
        let green = UInt32(bytes[3 * pixel + 1])
        let blue = UInt32(bytes[3 * pixel + 2])
        let luma = (19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16
        converted[pixel] = UInt8(truncatingIfNeeded: luma)
      case .rgb:
        for channel in 0..<3 { converted[3 * pixel + channel] = bytes[pixel] }
      }
    }
    return Picture(width: width, height: height, channels: color.rawValue, bytes: converted)
  }
}
