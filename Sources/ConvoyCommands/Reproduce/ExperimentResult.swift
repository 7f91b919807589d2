import ConvoyRunReports

/// The results of all runs of an experiment; one JSON line of the log.
struct ExperimentResult: Encodable, Equatable {
  let experiment: String
  /// The options of `convoy train`.
  let options: String
  /// The `--tta` of `convoy evaluate`; nil where test images are seen once.
  let tta: String?
  let runs: [ExperimentRun]
  let meanTrainingAccuracy: Double
  let meanTestAccuracy: Double
  /// The sample standard deviation (n − 1) of the test accuracy over the seeds; nil for a single
  /// run.
  let testAccuracyDeviation: Double?
  let meanSeconds: Double

  init(_ experiment: Experiment, runs: [ExperimentRun]) {
    precondition(!runs.isEmpty, "a result has a run")
    self.experiment = experiment.name
    options = experiment.options()
    tta = experiment.averaging.option
    self.runs = runs
    func spread(_ value: (ExperimentRun) -> Double) -> Spread { Spread(runs.map(value)) }
    meanTrainingAccuracy = spread(\.trainingAccuracy).mean
    meanTestAccuracy = spread(\.testAccuracy).mean
    testAccuracyDeviation = spread(\.testAccuracy).deviation
    meanSeconds = spread(\.seconds).mean
  }
}

/// What one run of an experiment gave.
struct ExperimentRun: Encodable, Equatable {
  let seed: UInt64
  /// Over the batches of the last epoch, measured during training.
  let trainingAccuracy: Double
  let testAccuracy: Double
  /// The CRC-32 of the trained weights.
  let weights: String
  /// Of preparing and training.
  let seconds: Double
}
