/// The size of one image.
package struct ImageShape: Sendable, Equatable {
  package let channels: Int
  package let height: Int
  package let width: Int

  package init(channels: Int, height: Int, width: Int) {
    precondition(
      channels > 0 && height > 0 && width > 0, "An image has at least one value in each dimension.")
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// The number of values in one image, over all of its channels.
  package var pixelCount: Int { channels * height * width }
}

extension ImageShape: CustomStringConvertible {
  package var description: String { "\(channels)×\(height)×\(width)" }
}
