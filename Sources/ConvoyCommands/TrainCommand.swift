import CommandLineOptions
import Datasets
import FileAccess
import Foundation
import NeuralNetwork
import Optimizers
import Training

/// `convoy train`: trains a network and prints, epoch by epoch, how well it does.
struct TrainCommand {
  /// The command line by itself.
  private let given: ParsedOptions
  private let options: TrainOptions
  /// Of the run that is resumed.
  private let resumed: Checkpoint.State?
  /// What it was restored from, until it is.
  private var checkpoint: Checkpoint?
  /// What checkpoints will keep of the options.
  private let settings: [String: String]?
  /// Keeps other runs from the file of checkpoints: from before it is read to the end.
  private let lock: FileLock?

  init(_ options: ParsedOptions) throws {
    given = options
    guard let path = options.string("resume") else {
      self.options = try TrainOptions(options)
      resumed = nil
      try self.options.checkFiles()
      settings = try Self.savedSettings(self.options)
      lock = try self.options.checkpoint.path.map(FileLock.init(of:))
      return
    }
    lock = try FileLock(of: options.string("checkpoint") ?? path)
    let checkpoint = try Checkpoint(contentsOf: path)
    self.options = try TrainOptions(
      ResumedOptions.options(options, of: checkpoint, path: path),
      fusingMultiplyAdd: checkpoint.state.fusesMultiplyAdd)
    try self.options.checkFiles()
    settings = try Self.savedSettings(self.options)
    resumed = checkpoint.state
    self.checkpoint = checkpoint
  }

  private static func savedSettings(
    _ options: TrainOptions
  ) throws(FileError) -> [String: String]? {
    options.checkpoint.path == nil ? nil : try options.settings()
  }

  consuming func run(_ console: Console) throws {
    defer { withExtendedLifetime(lock) {} }
    try options.output.map(AtomicFile.checkWritable)
    // The model would take the place of another run's checkpoint or log.
    try options.output.map(FileLock.checkUnused)
    let logFile = try options.log.flatMap(GrowingFile.ifPresent)
    try options.checkpoint.path.map(AtomicFile.checkWritable)
    let whole = try Dataset.load(from: options.data)
    let digest = options.checkpoint.path.map { _ in DatasetDigest(whole) }
    try check(digest)
    let parts = try options.validation.fraction.map {
      try whole.holdingBack($0, seed: options.configuration.seed)
    }
    let dataset = parts?.dataset ?? whole
    let run = try TrainingRun(
      architecture(for: dataset), on: dataset, loss: options.loss, from: start,
      normalization: options.normalization, validation: parts?.validation,
      configuration: configuration(images: dataset.training.count), keeping: options.keeping,
      kernels: options.kernels)
    let best = try checkpoint.flatMap {
      try run.restore(
        $0, path: options.checkpoint.resumed ?? "", epochs: options.epochs,
        keepsBest: options.validation.keep == .best)
    }
    let stepLosses = checkpoint?.stepLosses ?? []
    // The run has its tensors now.
    checkpoint = nil
    let keptLog = try keptLog(logFile)
    let log = try options.log.map { try RunLog(logFile, at: $0, after: keptLog ?? LoggedPart()) }
    let isLogLost = keptLog == nil && isOwnLog && resumed?.log?.length ?? 0 > 0
    let report = TrainReport(console: console, log: log, logsSteps: options.logsSteps)
    let session = TrainingSession(
      run: run, options: options, report: report, checkpoints: writer(digest, log: log),
      savesFirst: resumed != nil && keptLog == nil && (isLogLost || !isOwnLog) && log != nil)

    try report.begin(run, dataset, validation: parts?.validation, options)
    if isLogLost, let path = options.log { try report.newLog(at: path) }
    // Signals are heard until the model is written: what is done by then must not be lost.
    try Interruption.listening {
      let end = try session.train(from: resumed, stepLosses: stepLosses, best: best)
      try finish(run, end, tests: parts.map { $0.dataset.test.count }, report)
    }
  }

  /// Chooses the weights, tests those of a run that held images back, and writes the model. Results
  /// that nobody takes, and a log that cannot be written, do not cost the model.
  private func finish(
    _ run: TrainingRun, _ end: TrainingSession.End, tests: Int?, _ report: TrainReport
  ) throws {
    let best = end.best
    if let weights = best?.weights { run.load(weights) }
    let kept = options.validation.keep == .best ? best?.score : nil
    let test = tests.map { (evaluation: run.evaluate(), images: $0) }
    let logging = Result {
      if let test { try report.logTest(test.evaluation, ofBest: kept) }
      _ = try report.log?.synchronize()
    }
    let model = run.model
    if let output = options.output { try model.write(to: output) }
    if let failure = end.failure { throw failure }
    try logging.get()
    if let test { try report.test(test.evaluation, images: test.images, ofBest: kept) }
    if let output = options.output { try report.console.print("model written to \(output)") }
    try report.console.print("weights \(model.weights.fingerprint)")
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

  /// The network that the options describe, or that of the checkpoint. A file may have been edited
  /// since; where the command line names it once more, it must describe the checkpoint's network.
  private func architecture(for dataset: Dataset) throws -> Architecture {
    guard let checkpoint else { return try describedArchitecture(for: dataset) }
    if let name = given.string("model"),
      try describedArchitecture(for: dataset) != checkpoint.architecture
    {
      throw UsageError.invalidValue(
        option: "--model", expected: "the network of \(options.checkpoint.resumed ?? "")",
        found: name, suggestion: nil)
    }
    return checkpoint.architecture
  }

  private func describedArchitecture(for dataset: Dataset) throws -> Architecture {
    let architecture = try NetworkOptions.architecture(
      options.parsed, input: dataset.training.featureShape, classes: dataset.classes)
    guard let rate = options.dropout else { return architecture }
    guard let dropped = architecture.withDropout(rate: rate) else {
      throw UsageError.invalidCombination(
        "--dropout: expected a network with a dropout or a dense layer, found none")
    }
    return dropped
  }

  private var start: TrainingRun.Start {
    // A checkpoint has the weights that those of the file have become.
    guard resumed == nil, let path = options.initialWeights else {
      return .drawn(options.initialization)
    }
    return .file(path)
  }

  /// Checks that a run goes on with the data it began with.
  private func check(_ digest: DatasetDigest?) throws(UsageError) {
    guard let resumed, let digest, digest != resumed.data else { return }
    throw .invalidCombination(
      "--data: expected \(resumed.data), as in \(options.checkpoint.resumed ?? ""), "
        + "found \(digest) in \(options.data)")
  }

  /// The beginning of the log's file that is the run's own and stays; nil if the log begins empty, as
  /// it does where its file is gone, or was begun by a run that logged nothing.
  ///
  /// - Throws: `RunLogError` if the file holds something else.
  private func keptLog(_ file: GrowingFile?) throws(RunLogError) -> LoggedPart? {
    guard let path = options.log, let state = resumed, let file, file.hasContents else {
      return nil
    }
    let part = state.log ?? LoggedPart()
    guard part.length > 0 || isOwnLog else { throw .foreign(path: path) }
    return part
  }

  /// Whether the log is the one that the checkpoint refers to.
  private var isOwnLog: Bool {
    guard let path = options.log, let earlier = resumed?.settings["log"] else { return false }
    return CanonicalPath(earlier) == CanonicalPath(path)
  }

  private func writer(_ digest: DatasetDigest?, log: RunLog?) -> CheckpointWriter? {
    guard let path = options.checkpoint.path, let digest, let settings else { return nil }
    return CheckpointWriter(
      path: path, cadence: options.checkpoint.cadence, settings: settings, data: digest,
      fusesMultiplyAdd: options.kernels.instructionSet.fusesMultiplyAdd,
      keepsBest: options.validation.keep == .best, log: log)
  }
}
