import ConvoyCompression
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import Optimizers

/// A training run: epochs, each evaluated and saved; early stopping, interruption, and the final
/// model.
package struct TrainingRun {
  package let setup: TrainingSetup
  package let settings: TrainingSettings
  /// The training and test images, without those held back for validation.
  package let dataset: Dataset
  /// The validation images, if any.
  package let validation: ImageSet?
  /// The log that the resumed run should continue, if it no longer exists.
  package let lostLog: String?
  let header: RunLog.Header?
  let files: RunFiles
  let log: RunLog?
  private let start: Start
  let checkpoints: Checkpoints?
  /// Whether the resumed run has no steps left.
  package private(set) var hadEnded = false
  /// Whether to save before the first step, because the checkpoint refers to a different or missing
  /// log.
  private let savesFirst: Bool
  /// Whether the log is continued with another number of epochs.
  private let hasNewLength: Bool
  let fusesMultiplyAdd: Bool
  /// That train together; only rank 0 has files.
  package let ranks: any MessagePassing
  /// By name, as far as the run was described by options.
  let options: [String: String]

  /// The state in which a run starts.
  private struct Start {
    var epoch = 1
    /// Of the current epoch; nil between epochs.
    var sums: EpochProgress.Sums?
    var stepLosses: [Float] = []
    var best: BestEpoch?
    var isResumed = false
  }

  /// Prepares a run, and restores a checkpoint if there is one.
  ///
  /// - Parameters:
  ///   - architecture: the network; when resuming, the checkpoint's.
  ///   - whole: the data set, part of which may be held back.
  ///   - files: already opened.
  ///   - checkpoint: to resume, with the same settings.
  ///   - path: the checkpoint's path, for errors.
  ///   - options: by name, for the log and other ranks. A network and data that come from no file get
  ///     names by their checksums.
  ///   - initialWeights: those to begin with, as far as they fit; nil for the settings'.
  ///   - ranks: that train together, and must agree on the run before it begins.
  ///   - measuresGradientNorm: for the observer's steps; the log's steps have it anyway.
  ///   - ownRule: updates the weights in place of the settings' optimizer; nil for none.
  ///   - ownLoss: in place of the settings' loss; nil for none.
  /// - Throws: errors of the architecture, the data, the memory or the files, before anything is
  ///   written.
  package init(
    _ settings: TrainingSettings, _ architecture: Network, on whole: Dataset, _ files: RunFiles,
    resuming checkpoint: consuming Checkpoint? = nil, at path: String = "", threads: Int,
    kernels: any KernelSet, options: [String: String] = [:], ownRule: (any Optimizer)? = nil,
    ownLoss: (any Loss)? = nil, initialWeights: WeightTensors? = nil,
    measuresGradientNorm: Bool = false, ranks: any MessagePassing = SingleProcess()
  ) throws {
    self.ranks = ranks
    var settings = settings
    (settings.ownRule, settings.ownLoss) = (ownRule?.name, ownLoss?.name)
    try settings.validate(hasValidationPart: whole.validation != nil)
    let state = checkpoint?.state
    if let state, state.settings.ownRule != settings.ownRule {
      throw TrainingDataError.otherRule(
        checkpoint: path, expected: state.settings.ownRule, found: settings.ownRule)
    }
    if let state, state.settings.ownLoss != settings.ownLoss {
      throw TrainingDataError.otherLoss(
        file: path, expected: state.settings.ownLoss, found: settings.ownLoss)
    }
    let digest = (files.checkpoint ?? files.log).map { _ in DatasetDigest(whole) }
    let options = try options.naming(architecture, digest)
    self.options = options
    if let state, let digest, digest != state.data {
      throw TrainingDataError.otherData(
        checkpoint: path, expected: state.data,
        directory: settings.data.isEmpty ? "the data" : settings.data,
        found: digest)
    }
    let parts = try settings.validation.fraction.map {
      try whole.holdingBack($0, seed: settings.seed)
    }
    let dataset = parts?.dataset ?? whole
    let validation = parts?.validation ?? whole.validation
    guard !settings.dropsLast || dataset.training.count >= settings.batchSize else {
      throw TrainingDataError.noBatch(size: settings.batchSize, found: dataset.training.count)
    }
    setup = try TrainingSetup(
      architecture, on: dataset, loss: settings.loss, ownLoss: ownLoss,
      from: state == nil
        ? initialWeights.map { .tensors($0, rest: settings.initialization) } ?? settings.start
        : .restored,
      normalization: settings.normalization, augmentation: settings.augmentation,
      validation: validation,
      testPart: whole.testPart,
      configuration: try settings.configuration(
        images: dataset.training.count, threads: threads, ownRule: ownRule,
        measuresGradientNorm: measuresGradientNorm),
      keeping: settings.keeping(checkpoints: files.checkpoint != nil, isResumed: state != nil),
      kernels: kernels, ranks: ranks)
    // Every training image has been read, if their mean was measured.
    try dataset.requireReadings()
    self.settings = settings
    self.dataset = dataset
    self.files = files
    self.validation = validation
    fusesMultiplyAdd = kernels.instructionSet.fusesMultiplyAdd

    var start = Start()
    if let checkpoint {
      start = Start(
        epoch: checkpoint.state.epoch,
        sums: checkpoint.state.sums.steps > 0 ? checkpoint.state.sums : nil,
        stepLosses: checkpoint.stepLosses,
        best: try setup.restore(
          checkpoint, path: path, epochs: settings.epochs,
          keepsBest: settings.validation.keepsBest),
        isResumed: true)
    }
    self.start = start
    checkpoints = try files.checkpoint.flatMap { path in
      guard let digest else { return nil }
      return Checkpoints(
        path: path, settings: try settings.withAbsolutePaths(), data: digest)
    }

    let continuation = try LogContinuation(of: files, after: state)
    let isAsLong = state?.settings.epochs == settings.epochs
    log = try files.log.map {
      try RunLog(files.presentLog, at: $0, after: continuation.kept, hasHeader: isAsLong)
    }
    header = digest.map { [trainer = setup.trainer] digest in
      RunLog.Header(
        run: RunLog.Header.Run(
          settings, digest, options: options, trainer: trainer,
          instructionSet: kernels.instructionSet))
    }
    lostLog = continuation.isLost ? files.log : nil
    savesFirst = log != nil && state != nil && continuation.isElsewhere
    hasNewLength = continuation.kept.length > 0 && !isAsLong
    hadEnded = start.isResumed && isOver(before: start.epoch, start.best)
  }

  /// The images that the final model is judged on: those of the test, or else of the validation.
  package var finallyJudged: (JudgedEpoch.Images, ImageSet) {
    guard dataset.test.count == 0, let validation else { return (.test, dataset.test) }
    return (.validation, validation)
  }

  var trainer: Trainer { setup.trainer }
  private var stepLimit: Int { settings.steps ?? .max }

  /// Whether a run that has ended goes on if it is given more epochs.
  package var mayBeProlonged: Bool {
    !settings.schedule.dependsOnLength && trainer.stepNumber < stepLimit
      && !isPatienceOver(before: start.epoch, start.best)
  }

  /// Trains to the end, writes the model, and tests it if epochs are evaluated on validation
  /// images, or the run had ended before.
  ///
  /// - Parameter isInterrupted: asked between steps, from any thread, whether to save and stop.
  /// - Throws: `RunInterruption`, `NonFiniteError`, errors of the observer and errors of the files.
  ///   A failing observer or log never costs an epoch or the model.
  package func train(
    _ observer: some RunObserver, isInterrupted: @escaping @Sendable () -> Bool
  ) throws -> RunResult {
    var best = start.best
    let failure: (any Error)?
    do {
      failure = try runEpochs(observer, &best, isInterrupted: isInterrupted)
    } catch var error as NonFiniteError {
      logFault(error)
      do { error.keptEpoch = try writeBest(best) } catch let other { error.lostModel = other }
      throw error
    } catch let error where !RankError.hasReachedAll(error) {
      // Where the model cannot be written either, the first error says why.
      let model: String?
      do {
        model = try writeModelSoFar(best)
      } catch {
        model = (error as? FailedRun)?.modelPath
      }
      guard let model else { throw error }
      throw FailedRun(cause: error, modelPath: model, isAtEnd: false)
    }

    if let weights = best?.weights { setup.load(weights) }
    let kept = settings.validation.keepsBest ? best?.score : nil
    let test =
      dataset.test.count > 0 && (validation != nil || hadEnded) ? setup.evaluate() : nil
    try dataset.requireReadings()
    let logging = Result {
      if let test, test.fault == nil, validation != nil {
        try beginLog()
        try log?.add([
          RunLog.Test(keptEpoch: kept?.epoch, testLoss: test.loss, testAccuracy: test.accuracy)
        ])
      } else if dataset.test.count == 0, let kept {
        try beginLog()
        try log?.add([RunLog.Kept(keptEpoch: kept.epoch)])
      }
      _ = try log?.synchronize()
    }
    let model = setup.model
    if let output = files.output { try write(model, to: output, isAtEnd: true) }
    if let failure { throw failure }
    if let test {
      // Every epoch but the last has all its steps.
      let last = (trainer.stepNumber + trainer.stepsAnEpoch - 1) / trainer.stepsAnEpoch
      do throws(NonFiniteError) {
        try check(test, after: last, keptEpoch: files.output == nil ? nil : kept?.epoch ?? last)
      } catch {
        logFault(error)
        throw error
      }
    }
    try logging.get()
    return RunResult(keptEpoch: kept, test: test, model: model)
  }

  /// - Throws: `NonFiniteError` if a loss is not finite.
  private func check(
    _ evaluation: Evaluation, after epoch: Int, keptEpoch: Int? = nil
  ) throws(NonFiniteError) {
    guard let fault = evaluation.fault else { return }
    throw NonFiniteError(
      epoch: epoch, step: trainer.stepNumber, quantity: .evaluatedLoss, layer: fault,
      keptEpoch: keptEpoch)
  }

  /// - Returns: the error if the results of the last epoch could not be logged or reported. The
  ///   model can still be written.
  private func runEpochs(
    _ observer: some RunObserver, _ best: inout BestEpoch?,
    isInterrupted: @escaping @Sendable () -> Bool
  ) throws -> (any Error)? {
    var epoch = start.epoch
    var started = start.sums
    // A resumed run that is already over has nothing new to save.
    var isSaved = start.isResumed && !savesFirst
    var savesFirst = savesFirst
    // The header that a run of another length adds is in the part of the log that the checkpoint remembers.
    if savesFirst, hasNewLength { try beginLog() }
    while !isOver(before: epoch, best) {
      for images in [dataset.training, dataset.test] { try images.pixels.requireWholeFile() }
      let before = trainer.stepNumber - (started?.steps ?? 0)
      let progress = trainer.begin(
        epoch, stepLimit: stepLimit - before, sums: started ?? EpochProgress.Sums(),
        stepLosses: started == nil ? [] : start.stepLosses)
      started = nil
      if savesFirst { try save(epoch: epoch, progress, best) }
      savesFirst = false
      try beginLog()
      let later = settings.allSteps(anEpoch: trainer.stepsAnEpoch) - before - progress.steps
      try observer.duringEpoch(
        EpochWatch(progress, of: settings.epochs, laterSteps: max(0, later))
      ) {
        try takeSteps(
          progress, before: before, best, observer, isInterrupted: isInterrupted)
      }

      let bestBefore = best
      try ranks.checkSameWeights(setup)
      let judged = try judge(progress, &best)
      try dataset.requireReadings()
      do {
        try log?.add(judged, at: RunLog.RunPoint(trainer))
      } catch {
        // A run that is resumed from here logs the epoch again.
        try save(epoch: epoch, progress, bestBefore)
        if isOver(before: epoch + 1, best) { return error }
        throw error
      }
      epoch += 1
      isSaved = settings.checkpointing.isDue(afterEpochEndingAt: trainer.stepNumber)
      if isSaved { try save(epoch: epoch, nil, best) }
      do {
        try observer.epochEnded(judged, of: settings.epochs)
      } catch {
        if !isSaved { try save(epoch: epoch, nil, best) }
        if isOver(before: epoch, best) { return error }
        // Of several ranks, only the first has the error, and ends all.
        if ranks.size == 1, isInterrupted() {
          try interrupt(epoch: epoch, nil, isSaved: true, best)
        }
        throw error
      }
      if !isOver(before: epoch, best), ranks.isAny(isInterrupted()) {
        try interrupt(epoch: epoch, nil, isSaved: isSaved, best)
      }
    }
    if !isSaved { try save(epoch: epoch, nil, best) }
    if let best, isPatienceOver(before: epoch, best), epoch <= settings.epochs {
      do {
        try observer.stoppedEarly(after: epoch - 1, best: best.score)
      } catch {
        return error
      }
    }
    return nil
  }

  private func isOver(before epoch: Int, _ best: BestEpoch?) -> Bool {
    epoch > settings.epochs || trainer.stepNumber >= stepLimit
      || isPatienceOver(before: epoch, best)
  }

  private func isPatienceOver(before epoch: Int, _ best: BestEpoch?) -> Bool {
    guard let patience = settings.validation.patience, let best else { return false }
    return epoch - 1 - best.score.epoch >= patience
  }

  /// Runs the steps of an epoch, with checkpoints where they are due.
  private func takeSteps(
    _ progress: EpochProgress, before: Int, _ best: BestEpoch?,
    _ observer: some RunObserver, isInterrupted: @escaping @Sendable () -> Bool
  ) throws {
    let steps = settings.logsSteps ? log : nil
    // Steps are in the log however they end.
    defer { steps?.write() }
    let onStep = observer.onStep
    let onEachStep =
      steps == nil && onStep == nil
      ? nil
      : { @Sendable (step: TrainedStep) in
        steps?.add(step)
        onStep?(step)
      }
    while !progress.isDone {
      let due = settings.checkpointing.next(after: progress.sums.steps, before: before)
      try trainer.train(
        progress, upTo: due, isStopped: { [dataset] in isInterrupted() || dataset.hasFailed },
        onStep: onEachStep)
      try dataset.requireReadings()
      if progress.isDone { return }
      let isSaved = progress.sums.steps == due
      if isSaved {
        observer.willSave()
        try save(epoch: progress.epoch, progress, best)
      }
      if ranks.isAny(isInterrupted()) {
        try interrupt(epoch: progress.epoch, progress, isSaved: isSaved, best)
      }
    }
  }

  /// Evaluates an epoch.
  ///
  /// - Parameter best: the best epoch so far, replaced if this one is better on the validation
  ///   images.
  private func judge(
    _ progress: EpochProgress, _ best: inout BestEpoch?
  ) throws(NonFiniteError) -> JudgedEpoch {
    let validation = setup.validate()
    let evaluation = validation ?? setup.evaluate()
    try check(evaluation, after: progress.epoch)
    if let validation {
      let score = EpochScore(epoch: progress.epoch, validation)
      if best.map({ score.isBetter(than: $0.score, by: settings.validation.criterion) }) ?? true {
        best = BestEpoch(score, weights: settings.validation.keepsBest ? setup.weights : nil)
      }
    }
    return JudgedEpoch(
      number: progress.epoch, lastStep: trainer.stepNumber, metrics: progress.metrics,
      evaluation: evaluation, images: validation == nil ? .test : .validation)
  }

}

extension [String: String] {
  /// Options that tell networks and data apart where these come from no file.
  fileprivate func naming(_ network: Network, _ data: DatasetDigest?) throws -> [String: String] {
    var options = self
    if options["model"] == "" {
      options["model"] = "network \(Checksum(of: try network.json()).text)"
    }
    if options["data"] == "" { options["data"] = data?.name }
    return options
  }
}
