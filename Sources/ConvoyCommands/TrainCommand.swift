import CommandLineOptions
import Datasets
import FileAccess
import Foundation
import NeuralNetwork
import Optimizers
import Training

/// `convoy train`: trains a network and prints, epoch by epoch, how well it does.
struct TrainCommand {
  private let options: TrainOptions

  init(_ options: ParsedOptions) throws { self.options = try TrainOptions(options) }

  func run(_ console: Console) throws {
    try options.output.map(AtomicFile.checkWritable)
    try options.log.map(GrowingFile.checkWritable)
    let dataset = try Dataset.load(from: URL(fileURLWithPath: options.data))
    let run = try TrainingRun(
      architecture(for: dataset), on: dataset, loss: options.loss,
      from: options.initialWeights.map { .file($0) } ?? .drawn(options.initialization),
      normalization: options.normalization,
      configuration: configuration(images: dataset.training.count), kernels: options.kernels)
    let plan = run.plan
    let log = try options.log.map(RunLog.init(path:))

    try console.print(
      "\(dataset.training.count) training and \(dataset.test.count) test images of "
        + "\(plan.inputShape), \(plan.classes) classes; \(plan.parameterCount) parameters; "
        + "\(options.configuration.threads) threads, \(options.kernels.instructionSet.rawValue)")
    var stepsLeft = options.steps ?? .max
    for epoch in 1...options.epochs where stepsLeft > 0 {
      let metrics = runEpoch(epoch, of: run.trainer, stepLimit: stepsLeft, console)
      let evaluation = run.evaluate()
      try report(epoch, metrics, evaluation, console)
      try log.map { try write(epoch, metrics, evaluation, run.trainer, to: $0) }
      stepsLeft -= metrics.stepLosses.count
    }

    let model = run.model
    if let output = options.output {
      try model.write(to: output)
      try console.print("model written to \(output)")
    }
    try console.print("weights \(model.weights.fingerprint)")
  }

  /// The configuration with its schedule, which depends on the length of the run.
  private func configuration(images: Int) throws -> TrainingConfiguration {
    var configuration = options.configuration
    let stepsAnEpoch = (images + configuration.batchSize - 1) / configuration.batchSize
    let (steps, overflow) = stepsAnEpoch.multipliedReportingOverflow(by: options.epochs)
    configuration.schedule = try options.schedule.schedule(
      rate: configuration.optimizer.learningRate,
      steps: min(overflow ? .max : steps, options.steps ?? .max), stepsAnEpoch: stepsAnEpoch)
    return configuration
  }

  private func architecture(for dataset: Dataset) throws -> Architecture {
    let architecture = try NetworkOptions.architecture(
      options.parsed, input: dataset.training.featureShape, classes: dataset.classes)
    guard let rate = options.dropout else { return architecture }
    guard let dropped = architecture.withDropout(rate: rate) else {
      throw UsageError.invalidCombination(
        "--dropout: expected a network with a dropout or a dense layer, found none")
    }
    return dropped
  }

  private func runEpoch(
    _ epoch: Int, of trainer: Trainer, stepLimit: Int, _ console: Console
  ) -> EpochMetrics {
    let before = trainer.stepNumber
    let bar = ProgressBar(
      console, label: "epoch \(epoch)", total: min(trainer.stepsAnEpoch, stepLimit)
    ) { trainer.stepNumber - before }
    defer { bar.finish() }
    return trainer.runEpoch(epoch, stepLimit: stepLimit)
  }

  private func report(
    _ epoch: Int, _ metrics: EpochMetrics, _ evaluation: Evaluation, _ console: Console
  ) throws {
    try console.print(
      "epoch \(epoch): loss \(Figures.loss(metrics.loss)), "
        + "training accuracy \(Figures.percent(metrics.accuracy)), "
        + "test accuracy \(Figures.percent(evaluation.accuracy)), "
        + "test loss \(Figures.loss(evaluation.loss)), "
        + "\(Figures.seconds(metrics.seconds)), \(Figures.rate(metrics.samplesPerSecond))")
  }

  private func write(
    _ epoch: Int, _ metrics: EpochMetrics, _ evaluation: Evaluation, _ trainer: Trainer,
    to log: RunLog
  ) throws {
    if options.logsSteps {
      let before = trainer.stepNumber - metrics.stepLosses.count
      for (index, loss) in metrics.stepLosses.enumerated() {
        try log.add(RunLog.Step(step: before + index + 1, loss: loss))
      }
    }
    try log.add(
      RunLog.Epoch(
        epoch: epoch, trainingLoss: metrics.loss, trainingAccuracy: metrics.accuracy,
        testLoss: evaluation.loss, testAccuracy: evaluation.accuracy, seconds: metrics.seconds,
        samplesPerSecond: metrics.samplesPerSecond))
  }
}
