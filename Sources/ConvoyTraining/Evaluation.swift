/// How well a network does on a set of images.
package struct Evaluation: Sendable, Equatable {
  /// The mean over the samples.
  package let loss: Double
  /// The share of samples whose label has the largest output.
  package let accuracy: Double

  package init(loss: Double, accuracy: Double) {
    self.loss = loss
    self.accuracy = accuracy
  }
}
