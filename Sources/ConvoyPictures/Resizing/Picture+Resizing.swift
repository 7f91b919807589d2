/// How a picture of one aspect ratio becomes one of another.
package enum PictureFit: String, Sendable, CaseIterable, Codable {
  /// Both axes are scaled by themselves.
  case stretch
  /// Scaled to cover the size, and its centre is cut out.
  case crop
  /// Scaled to fit into the size, centred on black.
  case pad
}

extension Picture {
  /// The largest side of a resized picture.
  package static let longestResizedSide = 1 << 15

  /// The picture in another size.
  ///
  /// Each axis that shrinks is averaged over the area of a new pixel; each that grows is
  /// interpolated between the centres of the two nearest pixels. The arithmetic is in integers, and
  /// rounded once, to nearest, halves up: the bytes are the same on every machine. A side of the
  /// scaled picture is rounded in the same way, and if it is odd pixels longer or shorter than the
  /// new size, the smaller half is cut off or added before the picture.
  package func resized(to size: PictureSize, fit: PictureFit) -> Picture {
    precondition(
      (1...Self.longestResizedSide).contains(size.width)
        && (1...Self.longestResizedSide).contains(size.height),
      "A picture is resized to sides from 1 to 32,768 pixels.")
    if size == self.size { return self }
    let scaled = scaledSize(for: size, fit: fit)
    let visible = PictureSize(
      width: min(scaled.width, size.width), height: min(scaled.height, size.height))
    let resampled = resampled(
      columns: ResampledAxis(from: width, to: scaled.width, keeping: visible.width),
      rows: ResampledAxis(from: height, to: scaled.height, keeping: visible.height))
    return resampled.padded(to: size)
  }

  private func scaledSize(for size: PictureSize, fit: PictureFit) -> PictureSize {
    // Whether the width is scaled by more than the height if both become the new size's.
    let isNarrow = size.width * height >= size.height * width
    switch (fit, isNarrow) {
    case (.stretch, _): return size
    case (.crop, true), (.pad, false):
      let scaledHeight = Self.rounded(height * size.width, over: width)
      return PictureSize(
        width: size.width,
        height: fit == .crop ? max(size.height, scaledHeight) : min(size.height, scaledHeight))
    case (.crop, false), (.pad, true):
      let scaledWidth = Self.rounded(width * size.height, over: height)
      return PictureSize(
        width: fit == .crop ? max(size.width, scaledWidth) : min(size.width, scaledWidth),
        height: size.height)
    }
  }

  /// To nearest, halves up, and at least 1.
  private static func rounded(_ number: Int, over divisor: Int) -> Int {
    max(1, (2 * number + divisor) / (2 * divisor))
  }

  /// In the centre of a black picture that is not smaller.
  private func padded(to size: PictureSize) -> Picture {
    if size == self.size { return self }
    var padded = [UInt8](repeating: 0, count: size.width * size.height * channels)
    let left = (size.width - width) / 2
    let top = (size.height - height) / 2
    for row in 0..<height {
      let source = row * width * channels
      let target = ((top + row) * size.width + left) * channels
      padded.replaceSubrange(
        target..<target + width * channels, with: bytes[source..<source + width * channels])
    }
    return Picture(width: size.width, height: size.height, channels: channels, bytes: padded)
  }

  private func resampled(columns: ResampledAxis, rows: ResampledAxis) -> Picture {
    // Sums over rows fit in 32 bits but for pictures that are scaled to many thousands of rows.
    255 * rows.totalWeight <= Int(UInt32.max)
      ? Resampling<UInt32>(self, columns: columns, rows: rows).picture()
      : Resampling<UInt64>(self, columns: columns, rows: rows).picture()
  }
}
