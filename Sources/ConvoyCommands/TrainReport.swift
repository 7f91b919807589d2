import Datasets
import ProcessLimits
import Training

/// What a training run prints and logs.
struct TrainReport {
  let console: Console
  let log: RunLog?
  let logsSteps: Bool

  func begin(
    _ run: TrainingRun, _ dataset: Dataset, validation: ImageSet?, _ options: TrainOptions
  ) throws {
    let heldBack = validation.map { ", \(Figures.grouped($0.count)) validation" } ?? ""
    try console.print(
      "\(Figures.grouped(dataset.training.count)) training\(heldBack) and "
        + "\(Figures.grouped(dataset.test.count)) test images of "
        + "\(run.plan.inputShape), \(Figures.grouped(run.plan.classes)) classes; "
        + "\(Figures.grouped(run.plan.parameterCount)) parameters; "
        + Self.threads(run.trainer.threads, requested: options.configuration.threads)
        + ", \(options.kernels.instructionSet.rawValue)")
    if let line = Self.absentClasses(dataset.training, of: run.plan.classes) {
      try console.print(line)
    }
    guard let path = options.checkpoint.resumed else { return }
    try console.print("going on after step \(run.trainer.stepNumber), from \(path)")
  }

  /// Says that the log of a run that is resumed was not there.
  func newLog(at path: String) throws {
    try console.print("\(path) is gone; a new log begins here")
  }

  /// The threads that work, and what keeps them from being as many as were requested.
  static func threads(
    _ used: Int, requested: Int, cores: Int = AvailableCores.count
  ) -> String {
    let text = used == 1 ? "1 thread" : "\(used) threads"
    guard used < requested else { return text }
    let reason =
      used < cores
      ? "a step has work for \(used)" : cores == 1 ? "1 core available" : "\(cores) cores available"
    return text + " (\(Figures.grouped(requested)) requested, \(reason))"
  }

  /// Says which classes have no image to learn from; nil if all have.
  static func absentClasses(_ images: ImageSet, of classes: Int) -> String? {
    var hasImage = Array(repeating: false, count: classes)
    for label in images.labels { hasImage[Int(label)] = true }
    let absent = hasImage.indices.filter { !hasImage[$0] }
    guard !absent.isEmpty else { return nil }
    let some = absent.prefix(mostClasses).map(String.init).joined(separator: ", ")
    return
      "\(Figures.grouped(absent.count)) of \(Figures.grouped(classes)) classes without training "
      + "images: " + some + (absent.count > mostClasses ? ", …" : "")
  }

  private static let mostClasses = 12

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
    let before = lastStep - metrics.stepLosses.count
    let steps =
      !logsSteps
      ? []
      : metrics.stepLosses.enumerated().map { index, loss in
        RunLog.Step(step: before + index + 1, loss: loss)
      }
    try log.add(steps + [RunLog.Epoch(epoch: epoch, metrics, evaluation, on: kind)])
  }

  func stopped(after epoch: Int, best: EpochScore) throws {
    try console.print("stopped after epoch \(epoch): none was better since epoch \(best.epoch)")
  }

  /// Adds the test at the end of a run that held images back to the log.
  func logTest(_ evaluation: Evaluation, ofBest best: EpochScore?) throws {
    try log?.add([
      RunLog.Test(
        keptEpoch: best?.epoch, testLoss: evaluation.loss, testAccuracy: evaluation.accuracy)
    ])
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
