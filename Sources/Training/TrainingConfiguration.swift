import Optimizers

/// What a run depends on, beside the network and the data. The number of threads is here too, but
/// the result does not depend on it.
package struct TrainingConfiguration: Sendable {
  package var batchSize: Int
  package var threads: Int
  package var optimizer: any Optimizer
  /// Added to the gradient of weights, not of biases, as `l2 · weight`.
  package var l2: Double
  package var seed: UInt64
  package var shuffles: Bool

  package init(
    batchSize: Int = 64, threads: Int = 1, optimizer: any Optimizer = Adam(), l2: Double = 0,
    seed: UInt64 = 0, shuffles: Bool = true
  ) {
    precondition(batchSize >= 1 && threads >= 1, "a batch has samples, a team workers")
    self.batchSize = batchSize
    self.threads = threads
    self.optimizer = optimizer
    self.l2 = l2
    self.seed = seed
    self.shuffles = shuffles
  }
}
