/// What an epoch of training gave, as it went: with the parameters changing from step to step, and
/// dropout on.
package struct EpochMetrics: Sendable, Equatable {
  /// Mean over the samples seen.
  package let loss: Double
  package let accuracy: Double
  package let samples: Int
  /// Of training alone.
  package let seconds: Double
  /// The mean loss of each step's batch, before its update.
  package let stepLosses: [Float]

  package var samplesPerSecond: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}
