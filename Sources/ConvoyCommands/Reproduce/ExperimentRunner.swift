import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyTerminal
import ConvoyTraining

/// Runs experiments on a data set.
struct ExperimentRunner {
  let dataset: Dataset
  let threads: Int
  let kernels: any KernelSet
  let console: Console
  let log: RunLog?

  /// Runs an experiment once for each seed, and writes the result to the log.
  ///
  /// - Parameter onRun: called with each run as it ends.
  func run(
    _ experiment: Experiment, seeds: [UInt64], onRun: (ExperimentRun) throws -> Void = { _ in }
  ) throws -> ExperimentResult {
    let runs = try seeds.map { seed in
      let run = try run(experiment, seed: seed)
      try onRun(run)
      return run
    }
    let result = ExperimentResult(experiment, runs: runs)
    try log?.add([result])
    return result
  }

  /// Checks that an experiment's network fits a data set.
  static func check(_ experiment: Experiment, on dataset: Dataset) throws {
    try experiment.architecture(for: dataset).validate(
      for: dataset.training.featureShape, source: "the preset \(experiment.settings.model)")
  }

  private func run(_ experiment: Experiment, seed: UInt64) throws -> ExperimentRun {
    let start = ContinuousClock().now
    var settings = experiment.settings
    settings.seed = seed
    let setup = try TrainingSetup(
      experiment.architecture(for: dataset), on: dataset, loss: settings.loss,
      from: settings.start, normalization: settings.normalization,
      augmentation: settings.augmentation, averaging: experiment.averaging,
      configuration: settings.configuration(
        images: dataset.training.count,
        // A batch of one is one chunk: other workers would only wait for it.
        threads: settings.batchSize == 1 ? 1 : threads),
      kernels: kernels)
    let trainer = setup.trainer
    let steps = min(settings.epochs * trainer.stepsAnEpoch, settings.steps ?? .max)
    let bar = ProgressBar(console, label: "\(experiment.name), seed \(seed)", total: steps) {
      trainer.stepNumber
    }
    var accuracy = 0.0
    do {
      defer { bar.finish() }
      for epoch in 1...settings.epochs where trainer.stepNumber < steps {
        accuracy = try trainer.runEpoch(epoch, stepLimit: steps - trainer.stepNumber).accuracy
      }
    }
    let seconds = (ContinuousClock().now - start) / .seconds(1)
    return ExperimentRun(
      seed: seed, trainingAccuracy: accuracy, testAccuracy: setup.evaluate().accuracy,
      weights: setup.weights.fingerprint, seconds: seconds)
  }
}
