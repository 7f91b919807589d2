/// The shape of one sample between two layers: channels × height × width, as PyTorch counts.
package struct FeatureShape: Sendable, Equatable, CustomStringConvertible {
  package let channels: Int
  package let height: Int
  package let width: Int
  /// Whether it is a vector, the output of `flatten` or `dense`, rather than a map.
  package let isFlat: Bool

  package init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
    self.isFlat = false
  }

  /// A vector.
  package init(features: Int) {
    self.channels = features
    self.height = 1
    self.width = 1
    self.isFlat = true
  }

  package var count: Int { channels * height * width }

  package var description: String {
    isFlat ? "\(channels)" : "\(channels)×\(height)×\(width)"
  }
}

/// The loss that training minimises.
package enum LossFunction: String, CaseIterable, Sendable, Codable {
  /// −ln softmax(output)[label]. A final `softmax` layer is then part of the loss and not applied
  /// twice.
  case crossEntropy = "cross-entropy"
  /// Σ over other classes of max(0, 1 − output[label] + output[class]) / classes (Weston and
  /// Watkins, 1999).
  case hinge
  /// Σ (output − one-hot label)² / classes. A final `softmax` layer is applied.
  case meanSquaredError = "mean-squared-error"
}
