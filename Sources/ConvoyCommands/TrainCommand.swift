import CPUFeatures
import CommandLineOptions
import Datasets
import FileAccess
import Foundation
import KernelInterface
import NeuralNetwork
import Optimizers
import Safetensors
import Training

/// `convoy train`: trains a network and prints, epoch by epoch, how well it does.
struct TrainCommand {
  private let options: TrainOptions

  init(_ options: ParsedOptions) throws { self.options = try TrainOptions(options) }

  func run(_ console: Console) throws {
    try options.output.map(AtomicFile.checkWritable)
    try options.log.map(GrowingFile.checkWritable)
    let dataset = try Dataset.load(from: URL(fileURLWithPath: options.data))
    let (plan, parameters) = try network(for: dataset)
    let normalization = Normalization(
      options.normalization, for: dataset.training, kernels: options.kernels)
    func source(_ images: ImageSet) -> SampleSource {
      SampleSource(
        images, normalization: normalization, map: plan.input.values, kernels: options.kernels)
    }
    let trainer = Trainer(
      plan: plan, parameters: parameters, source: source(dataset.training),
      configuration: try configuration(images: dataset.training.count))
    let evaluator = Evaluator(
      plan, source: source(dataset.test), threads: options.configuration.threads)
    let log = try options.log.map(RunLog.init(path:))

    try console.print(
      "\(dataset.training.count) training and \(dataset.test.count) test images of "
        + "\(plan.inputShape), \(plan.classes) classes; \(plan.parameterCount) parameters; "
        + "\(options.configuration.threads) threads, \(options.kernels.instructionSet.rawValue)")
    var stepsLeft = options.steps ?? .max
    for epoch in 1...options.epochs where stepsLeft > 0 {
      let metrics = runEpoch(epoch, of: trainer, stepLimit: stepsLeft, console)
      let evaluation = evaluator.evaluate(parameters)
      try report(epoch, metrics, evaluation, console)
      try log.map { try write(epoch, metrics, evaluation, trainer, to: $0) }
      stepsLeft -= metrics.stepLosses.count
    }

    let model = ModelFile(plan, parameters, normalization: normalization)
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

  private func network(for dataset: Dataset) throws -> (NetworkPlan, ParameterMemory) {
    var architecture = try NetworkOptions.architecture(
      options.parsed, input: dataset.training.featureShape, classes: dataset.classes)
    if let rate = options.dropout {
      guard let dropped = architecture.withDropout(rate: rate) else {
        throw UsageError.invalidCombination(
          "--dropout: expected a network with a dropout or a dense layer, found none")
      }
      architecture = dropped
    }
    let plan = try NetworkPlan(
      architecture, input: dataset.training.featureShape, loss: options.loss,
      kernels: options.kernels)
    try dataset.training.validate(for: plan)
    try dataset.test.validate(for: plan)
    try MemoryNeed(
      plan, options.configuration,
      workers: min(options.configuration.threads, Int(convoy_available_cores()))
    ).check(available: ProcessInfo.processInfo.physicalMemory)
    let parameters = ParameterMemory(plan)
    if let path = options.initialWeights {
      try WeightTensors(tensors: SafetensorsFile(contentsOf: path).tensors)
        .load(into: parameters, of: plan, path: path)
    } else {
      plan.initialize(parameters, options.initialization, seed: options.configuration.seed)
    }
    return (plan, parameters)
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
