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
    try experiment.architecture(classes: dataset.classes).validate(
      for: dataset.training.featureShape, source: "the preset \(experiment.preset.rawValue)")
  }

  private func run(_ experiment: Experiment, seed: UInt64) throws -> ExperimentRun {
    let architecture = experiment.architecture(classes: dataset.classes)
    let batches = (dataset.training.count + experiment.batchSize - 1) / experiment.batchSize
    let steps = batches * experiment.epochs
    let run = try TrainingSetup(
      architecture, on: dataset, normalization: experiment.normalization,
      configuration: TrainingConfiguration(
        batchSize: experiment.batchSize,
        // A batch of one is one chunk: other workers would only wait for it.
        threads: experiment.batchSize == 1 ? 1 : threads,
        optimizer: try experiment.optimizer.optimizer(),
        schedule: try ScheduleSettings(name: experiment.schedule).schedule(
          rate: experiment.optimizer.learningRate, steps: steps, stepsPerEpoch: batches),
        seed: seed),
      kernels: kernels)
    let trainer = run.trainer
    let bar = ProgressBar(console, label: "\(experiment.name), seed \(seed)", total: steps) {
      trainer.stepNumber
    }
    let epochs = try {
      defer { bar.finish() }
      return try (1...experiment.epochs).map { try trainer.runEpoch($0) }
    }()
    return ExperimentRun(
      seed: seed, trainingAccuracy: epochs[epochs.count - 1].accuracy,
      testAccuracy: run.evaluate().accuracy, seconds: epochs.reduce(0) { $0 + $1.seconds })
  }
}
