import ConvoyCompression

/// Writes PNG files.
package enum PNGFile {
  /// The picture as a PNG file of 8 bits per channel, grey or red, green and blue.
  ///
  /// Rows are filtered with Paeth's predictor. The compressed bytes depend on zlib's version; the
  /// pixels do not.
  package static func encode(_ picture: Picture) -> [UInt8] {
    let isColoured = picture.channels == 3
    let colorType: PNGLayout.ColorType = isColoured ? .color : .gray
    let header =
      bigEndian(picture.width) + bigEndian(picture.height) + [
        8, UInt8(colorType.rawValue), 0, 0, 0,
      ]
    let data = deflated(filtered(picture))
    // A chunk is shorter than 2 GiB.
    let chunks = stride(from: 0, to: data.count, by: 1 << 30).flatMap {
      chunk(.imageData, data[$0..<min($0 + 1 << 30, data.count)])
    }
    return PictureKind.pngSignature + chunk(.imageHeader, header[...]) + chunks + chunk(.end, [])
  }

  private static func filtered(_ picture: Picture) -> [UInt8] {
    let bytes = picture.bytes
    let rowSize = picture.width * picture.channels
    var filtered: [UInt8] = []
    filtered.reserveCapacity((rowSize + 1) * picture.height)
    for row in 0..<picture.height {
      filtered.append(PNGFilter.paeth.rawValue)
      for column in 0..<rowSize {
        let index = row * rowSize + column
        let hasLeft = column >= picture.channels
        let prediction = PNGFilter.paeth(
          left: hasLeft ? bytes[index - picture.channels] : 0,
          above: row > 0 ? bytes[index - rowSize] : 0,
          aboveLeft: hasLeft && row > 0 ? bytes[index - rowSize - picture.channels] : 0)
        filtered.append(bytes[index] &- prediction)
      }
    }
    return filtered
  }

  private static func chunk(_ type: ChunkType, _ data: ArraySlice<UInt8>) -> [UInt8] {
    let covered = bigEndian(Int(type.code)) + data
    return bigEndian(data.count) + covered + bigEndian(Int(Checksum(of: covered).value))
  }

  private static func bigEndian(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}
