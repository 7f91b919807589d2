/// The shape of one sample: channels × height × width, as in PyTorch without the batch.
///
/// A vector of n features is n × 1 × 1.
public struct ReferenceShape: Equatable, Sendable {
  /// The number of planes: 1 of a grey image, 3 of a colour image, one per filter behind a
  /// convolution.
  public let channels: Int

  /// The number of rows.
  public let height: Int

  /// The number of columns.
  public let width: Int

  /// The shape of a map.
  ///
  /// - Precondition: every side is at least 1.
  public init(channels: Int, height: Int, width: Int) {
    precondition(
      channels > 0 && height > 0 && width > 0, "every side of a shape is at least 1")
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// The shape of a vector.
  public init(features: Int) {
    self.init(channels: features, height: 1, width: 1)
  }

  /// The number of values.
  public var count: Int { channels * height * width }

  /// Whether a row and column are inside the plane rather than in the padding around it.
  public func hasPlace(row: Int, column: Int) -> Bool {
    row >= 0 && row < height && column >= 0 && column < width
  }
}

extension ReferenceShape: CustomStringConvertible {
  /// As `convoy summary` prints shapes: 8×26×26, or 10 for a vector.
  public var description: String {
    height == 1 && width == 1 ? "\(channels)" : "\(channels)×\(height)×\(width)"
  }
}
