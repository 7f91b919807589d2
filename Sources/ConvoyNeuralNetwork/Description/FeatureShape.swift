/// The shape of one sample between two layers: channels × height × width, as PyTorch counts.
public struct FeatureShape: Sendable, Equatable, CustomStringConvertible {
  /// Of a vector, its length.
  public let channels: Int
  /// Rows; 1 for a vector.
  public let height: Int
  /// Columns; 1 for a vector.
  public let width: Int
  /// Whether it is a vector, the output of `flatten` or `dense`, rather than a map.
  public let isFlat: Bool

  /// A map.
  public init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
    self.isFlat = false
  }

  /// A vector.
  public init(features: Int) {
    self.channels = features
    self.height = 1
    self.width = 1
    self.isFlat = true
  }

  /// The number of values.
  public var count: Int { channels * height * width }

  public var description: String {
    isFlat ? "\(channels)" : "\(channels)×\(height)×\(width)"
  }
}

/// The loss that training minimises.
public enum LossFunction: String, CaseIterable, Sendable, Codable {
  /// −ln softmax(output)[label]. A final `softmax` layer is then part of the loss and not applied
  /// twice.
  case crossEntropy = "cross-entropy"
  /// Σ over other classes of max(0, 1 − output[label] + output[class]) / classes (Weston and
  /// Watkins, 1999).
  case hinge
  /// Σ (output − one-hot label)² / classes. A final `softmax` layer is applied.
  case meanSquaredError = "mean-squared-error"
}
