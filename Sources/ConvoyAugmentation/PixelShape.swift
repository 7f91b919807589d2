/// The size of an image of bytes, `height × width × channels` with the channels of a pixel adjacent.
package struct PixelShape: Sendable, Equatable {
  package let height: Int
  package let width: Int
  package let channels: Int

  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  package var count: Int { height * width * channels }
}

/// A rectangle of pixels, which may reach beyond the image.
package struct PixelBox: Sendable, Equatable {
  package var top: Int
  package var left: Int
  package var height: Int
  package var width: Int

  package init(top: Int, left: Int, height: Int, width: Int) {
    self.top = top
    self.left = left
    self.height = height
    self.width = width
  }

  /// The part in an image of that size.
  package func clipped(height imageHeight: Int, width imageWidth: Int) -> PixelBox {
    let (firstRow, firstColumn) = (max(top, 0), max(left, 0))
    return PixelBox(
      top: firstRow, left: firstColumn,
      height: max(min(top + height, imageHeight) - firstRow, 0),
      width: max(min(left + width, imageWidth) - firstColumn, 0))
  }
}
