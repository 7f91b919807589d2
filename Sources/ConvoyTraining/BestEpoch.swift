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
