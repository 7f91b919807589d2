/// The result of an epoch on the validation images.
package struct EpochScore: Sendable, Equatable, Codable {
  package let epoch: Int
  package let accuracy: Double
  package let loss: Double

  package init(epoch: Int, _ evaluation: Evaluation) {
    self.epoch = epoch
    accuracy = evaluation.accuracy
    loss = evaluation.loss
  }

  package func isBetter(
    than other: EpochScore, by criterion: ValidationSettings.Criterion
  ) -> Bool {
    switch criterion {
    case .accuracy: accuracy > other.accuracy || accuracy == other.accuracy && loss < other.loss
    case .loss: loss < other.loss
    }
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
