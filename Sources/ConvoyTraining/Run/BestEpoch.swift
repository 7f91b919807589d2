/// The result of an epoch on the validation images. A higher accuracy is better; among equals, the
/// smaller loss.
package struct EpochScore: Sendable, Equatable, Codable {
  package let epoch: Int
  package let accuracy: Double
  package let loss: Double

  package init(epoch: Int, _ evaluation: Evaluation) {
    self.epoch = epoch
    accuracy = evaluation.accuracy
    loss = evaluation.loss
  }

  package func isBetter(than other: EpochScore) -> Bool {
    accuracy > other.accuracy || accuracy == other.accuracy && loss < other.loss
  }
}

/// The best epoch so far, by the validation images.
package struct BestEpoch: Sendable, Equatable {
  package let score: EpochScore
  /// The weights after it, where they are kept.
  package let weights: WeightTensors?

  package init(_ score: EpochScore, weights: WeightTensors?) {
    self.score = score
    self.weights = weights
  }
}
