import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyStrictJSON
import ConvoyTerminal
import ConvoyTraining

/// What a training run prints.
struct TrainReport: RunObserver {
  let console: Console

  func begin(_ run: TrainingRun, _ options: TrainOptions) throws {
    let (dataset, plan) = (run.dataset, run.setup.plan)
    let heldBack = run.validation.map { ", \(Figures.grouped($0.count)) validation" } ?? ""
    let trained =
      plan.trainedParameterCount < plan.parameterCount
      ? ", \(Figures.grouped(plan.trainedParameterCount)) of them trained" : ""
    try console.print(
      "\(Figures.grouped(dataset.training.count)) training\(heldBack) and "
        + "\(Figures.grouped(dataset.test.count)) test images of "
        + "\(plan.inputShape), \(Figures.grouped(plan.classes)) classes; "
        + "\(Figures.grouped(plan.parameterCount)) parameters\(trained); "
        + Self.threads(run.setup.trainer.threads, requested: options.threads)
        + ", \(options.kernels.instructionSet.rawValue)")
    if let line = Self.absentClasses(dataset.training, of: plan.classes) {
      try console.print(line)
    }
    if let load = run.setup.partialLoad, let path = options.settings.initialWeights {
      try console.print(Self.partialLoad(load, of: path).onOneLine)
    }
    if let path = options.resumed {
      try console.print(
        "resuming after step \(run.setup.trainer.stepNumber) from \(path.onOneLine)")
    }
    if let path = run.lostLog {
      try console.print("\(path.onOneLine) is missing; starting a new log")
    }
  }

  /// What was loaded of a file and what was left, in it and in the network.
  static func partialLoad(_ load: PartialLoad, of path: String) -> String {
    "loaded \(some(load.loaded)) of \(path); left in it: \(some(load.leftInFile)); "
      + "initialised: \(some(load.leftInNetwork))"
  }

  /// How many names there are, and the first of them.
  private static func some(_ names: [String]) -> String {
    guard !names.isEmpty else { return "none" }
    let first = names.prefix(mostNames).map(brief).joined(separator: ", ")
    return "\(Figures.grouped(names.count)) tensor\(names.count == 1 ? "" : "s") (\(first)"
      + (names.count > mostNames ? ", …)" : ")")
  }

  private static let mostNames = 6

  /// The number of threads in use and, if it is less than requested, the reason.
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

  /// Lists the classes without training images; nil if there are none.
  static func absentClasses(_ images: ImageSet, of classes: Int) -> String? {
    var hasImage = Array(repeating: false, count: classes)
    for label in images.labels { hasImage[Int(label)] = true }
    let absent = hasImage.indices.filter { !hasImage[$0] }
    guard !absent.isEmpty else { return nil }
    let some = absent.prefix(mostClasses).map { images.classNames?[$0] ?? "\($0)" }
      .joined(separator: ", ")
    return
      "\(Figures.grouped(absent.count)) of \(Figures.grouped(classes)) classes without training "
      + "images: " + some + (absent.count > mostClasses ? ", …" : "")
  }

  private static let mostClasses = 12

  func duringEpoch(
    _ number: Int, steps: Int, done: @escaping @Sendable () -> Int, _ body: () throws -> Void
  ) throws {
    let bar = ProgressBar(console, label: "epoch \(number)", total: steps, done: done)
    defer { bar.finish() }
    try body()
  }

  func epochEnded(_ epoch: JudgedEpoch) throws {
    let (metrics, evaluation, images) = (epoch.metrics, epoch.evaluation, epoch.images.rawValue)
    try console.print(
      "epoch \(epoch.number): loss \(Figures.loss(metrics.loss)), "
        + "training accuracy \(Figures.percent(metrics.accuracy)), "
        + "\(images) accuracy \(Figures.percent(evaluation.accuracy)), "
        + "\(images) loss \(Figures.loss(evaluation.loss)), "
        + "\(Figures.seconds(metrics.seconds)), \(Figures.rate(metrics.samplesPerSecond))")
  }

  func stoppedEarly(after epoch: Int, best: EpochScore) throws {
    try console.print("stopped after epoch \(epoch): no improvement since epoch \(best.epoch)")
  }

  /// - Parameter tests: the number of test images.
  func end(_ result: RunResult, tests: Int, output: String?) throws {
    if let test = result.test {
      if let kept = result.keptEpoch {
        try console.print(
          "kept epoch \(kept.epoch): validation accuracy \(Figures.percent(kept.accuracy)), "
            + "loss \(Figures.loss(kept.loss))")
      }
      try console.print(Self.test(test, images: tests))
    }
    if let output { try console.print("model written to \(output.onOneLine)") }
    try console.print("weights \(result.model.weights.fingerprint)")
  }

  static func test(_ evaluation: Evaluation, images: Int) -> String {
    "test accuracy \(Figures.percent(evaluation.accuracy)), loss \(Figures.loss(evaluation.loss)) "
      + "on \(Figures.grouped(images)) images"
  }
}
