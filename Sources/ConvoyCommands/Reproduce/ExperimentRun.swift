/// What one run of an experiment gave.
struct ExperimentRun: Encodable, Equatable {
  let seed: UInt64
  /// Of the batches of the last epoch, as they were trained on.
  let trainingAccuracy: Double
  let testAccuracy: Double
  /// Of training alone.
  let seconds: Double
}
