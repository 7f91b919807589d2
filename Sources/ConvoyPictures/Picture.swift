/// A picture of 8 bits per channel.
package struct Picture: Sendable, Equatable {
  package let width: Int
  package let height: Int
  /// 1 for grey, 3 for red, green and blue.
  package let channels: Int
  /// `height × width × channels`, with the channels of a pixel adjacent.
  package let bytes: [UInt8]

  package init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
    precondition(width > 0 && height > 0, "A picture has at least one pixel.")
    precondition(channels == 1 || channels == 3, "A picture is grey, or red, green and blue.")
    precondition(
      bytes.count == width * height * channels, "A picture has one byte per pixel and channel.")
    self.width = width
    self.height = height
    self.channels = channels
    self.bytes = bytes
  }

  package var size: PictureSize { PictureSize(width: width, height: height) }
}

/// The size of a picture, in pixels.
package struct PictureSize: Sendable, Hashable {
  package var width: Int
  package var height: Int

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Columns for rows.
  var transposed: PictureSize { PictureSize(width: height, height: width) }

  /// The longest side that is read, as in libpng.
  static let longestSide = 1_000_000
  /// The most pixels that are read.
  static let mostPixels = 1 << 28
}

extension PictureSize: CustomStringConvertible {
  /// Width by height.
  package var description: String { "\(width)×\(height)" }
}
