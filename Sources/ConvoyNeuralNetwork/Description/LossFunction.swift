/// The loss that training minimises.
package enum LossFunction: String, CaseIterable, Sendable, Codable {
  /// −ln softmax(output)[label]. A final `softmax` layer is then the loss's own, and not applied twice.
  case crossEntropy = "cross-entropy"
  /// Σ over other classes of max(0, 1 − output[label] + output[class]) / classes (Weston and
  /// Watkins, 1999).
  case hinge
}
