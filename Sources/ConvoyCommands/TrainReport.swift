import Datasets
import Training

/// What a training run prints and logs.
struct TrainReport {
  let console: Console
  let log: RunLog?
  let logsSteps: Bool

  func begin(
    _ run: TrainingRun, _ dataset: Dataset, validation: ImageSet?, _ options: TrainOptions
  ) throws {
    let heldBack = validation.map { ", \($0.count) validation" } ?? ""
    let (threads, asked) = (run.trainer.threads, options.configuration.threads)
    let used = threads < asked ? "\(threads) of \(asked)" : "\(threads)"
    try console.print(
      "\(dataset.training.count) training\(heldBack) and \(dataset.test.count) test images of "
        + "\(run.plan.inputShape), \(run.plan.classes) classes; \(run.plan.parameterCount) parameters; "
        + "\(used) thread\(asked == 1 ? "" : "s"), \(options.kernels.instructionSet.rawValue)")
    guard let path = options.checkpoint.resumed else { return }
    try console.print("going on after step \(run.trainer.stepNumber), from \(path)")
  }

  /// Prints an epoch, judged by the images held back, or else by the test images.
  func epoch(
    _ epoch: Int, _ metrics: EpochMetrics, _ evaluation: Evaluation, on kind: EvaluationKind
  ) throws {
    try console.print(
      "epoch \(epoch): loss \(Figures.loss(metrics.loss)), "
        + "training accuracy \(Figures.percent(metrics.accuracy)), "
        + "\(kind.rawValue) accuracy \(Figures.percent(evaluation.accuracy)), "
        + "\(kind.rawValue) loss \(Figures.loss(evaluation.loss)), "
        + "\(Figures.seconds(metrics.seconds)), \(Figures.rate(metrics.samplesPerSecond))")
  }

  /// Adds an epoch to the log.
  ///
  /// - Parameter lastStep: since training began.
  func logEpoch(
    _ epoch: Int, _ metrics: EpochMetrics, _ evaluation: Evaluation, on kind: EvaluationKind,
    lastStep: Int
  ) throws {
    guard let log else { return }
    if logsSteps {
      let before = lastStep - metrics.stepLosses.count
      for (index, loss) in metrics.stepLosses.enumerated() {
        try log.add(RunLog.Step(step: before + index + 1, loss: loss))
      }
    }
    try log.add(RunLog.Epoch(epoch: epoch, metrics, evaluation, on: kind))
  }

  func stopped(after epoch: Int, best: EpochScore) throws {
    try console.print("stopped after epoch \(epoch): none was better since epoch \(best.epoch)")
  }

  /// Adds the test at the end of a run that held images back to the log.
  func logTest(_ evaluation: Evaluation, ofBest best: EpochScore?) throws {
    try log?.add(
      RunLog.Test(
        keptEpoch: best?.epoch, testLoss: evaluation.loss, testAccuracy: evaluation.accuracy))
  }

  /// Prints the same.
  func test(_ evaluation: Evaluation, images: Int, ofBest best: EpochScore?) throws {
    if let best {
      try console.print(
        "kept epoch \(best.epoch): validation accuracy \(Figures.percent(best.accuracy)), "
          + "loss \(Figures.loss(best.loss))")
    }
    try console.print(Figures.test(evaluation, images: images))
  }

  /// The images that epochs are judged by.
  enum EvaluationKind: String { case validation, test }
}
