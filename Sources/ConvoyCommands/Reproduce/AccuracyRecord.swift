import ConvoyFigures
import ConvoyProcessLimits
import ConvoyTerminal
import ConvoyTraining

/// A recipe with the test accuracy that it reaches, as the mean of several seeds.
struct AccuracyRecord {
  var experiment: Experiment
  let seeds: Int
  /// The least mean test accuracy.
  let promise: Double
  /// Whether only the user knows where its images are.
  let needsData: Bool

  /// - Parameter averaging: of the test images' outputs.
  init(
    _ name: String, seeds: Int, promise: Double, averaging: TestTimeAugmentation = .none,
    needsData: Bool = false, _ change: (inout TrainingSettings) -> Void
  ) {
    experiment = Experiment(name, averaging: averaging, change)
    self.seeds = seeds
    self.promise = promise
    self.needsData = needsData
  }

  /// Prints each seed's row as it is done.
  ///
  /// - Parameter readingSeconds: from the start of the process until the data was read; nil if the
  ///   system does not tell.
  /// - Throws: `MissedPromise` if the mean test accuracy is below the promise.
  func run(_ runner: ExperimentRunner, seeds: [UInt64], readingSeconds: Double?) throws {
    let console = runner.console
    let table = TextTable(columns: [
      .left("seed", width: 4), .right("test accuracy", width: 15), .right("seconds", width: 8),
    ])
    try console.print("convoy train \(experiment.options()) --seed …")
    if let views = experiment.averaging.option {
      try console.print("test accuracy as of convoy evaluate --tta \(views)")
    }
    try console.print(table.header)
    let result = try runner.run(experiment, seeds: seeds) { run in
      try console.print(
        table.line([
          "\(run.seed)", Figures.percent(run.testAccuracy), Figures.seconds(run.seconds),
        ]))
    }
    try console.print(
      table.line([
        "mean", Figures.percent(result.meanTestAccuracy, within: result.testAccuracyDeviation),
        Figures.seconds(result.meanSeconds),
      ]))
    if let readingSeconds {
      try console.print(
        "with the start of the process and reading the data: "
          + Figures.seconds(readingSeconds + result.meanSeconds))
    }
    guard result.meanTestAccuracy >= promise else {
      throw MissedPromise(
        description: "expected a mean test accuracy of at least \(Figures.percent(promise)), "
          + "found \(Figures.percent(result.meanTestAccuracy))")
    }
  }
}
