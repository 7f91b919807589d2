import Training

/// A run's way through its epochs: training, judging, saving, and stopping where it is to stop.
struct TrainingSession {
  let run: TrainingRun
  let options: TrainOptions
  let report: TrainReport
  let checkpoints: CheckpointWriter?
  /// Whether to save before the first step, because the checkpoint that the run is resumed from refers
  /// to another log, or to one that is gone.
  let savesFirst: Bool

  /// How a run came to its last step.
  struct End {
    /// The best epoch, where images were held back.
    let best: BestEpoch?
    /// Why the results of the last epoch could not be logged or printed, if they could not: the model is
    /// still to be written.
    var failure: (any Error)?
  }

  private var trainer: Trainer { run.trainer }
  private var stepLimit: Int { options.steps ?? .max }

  /// Trains up to the end, or from where a checkpoint was made.
  ///
  /// - Parameter best: the best epoch before.
  func train(
    from resumed: Checkpoint.State?, stepLosses: [Float], best: BestEpoch?
  ) throws -> End {
    var (epoch, best) = (resumed?.epoch ?? 1, best)
    var started = resumed.flatMap { $0.sums.steps > 0 ? $0.sums : nil }
    // A run that is over already has saved this.
    var isSaved = resumed != nil && !savesFirst
    var savesFirst = savesFirst
    while !isOver(before: epoch, best) {
      let before = trainer.stepNumber - (started?.steps ?? 0)
      let progress = trainer.begin(
        epoch, stepLimit: stepLimit - before, sums: started ?? EpochProgress.Sums(),
        stepLosses: started == nil ? [] : stepLosses)
      started = nil
      if savesFirst { try checkpoints?.write(run, epoch: epoch, progress: progress, best: best) }
      savesFirst = false
      try train(progress, before: before, best)
      let bestBefore = best
      let judgement = judge(progress, &best)
      do {
        try report.logEpoch(
          epoch, progress.metrics, judgement.evaluation, on: judgement.kind,
          lastStep: trainer.stepNumber)
      } catch {
        // A run that is resumed from here logs the epoch again.
        try checkpoints?.write(run, epoch: epoch, progress: progress, best: bestBefore)
        if isOver(before: epoch + 1, best) { return End(best: best, failure: error) }
        throw error
      }
      epoch += 1
      isSaved = checkpoints?.isDue(afterEpochEndingAt: trainer.stepNumber) ?? true
      if isSaved { try checkpoints?.write(run, epoch: epoch, best: best) }
      do {
        try report.epoch(
          progress.epoch, progress.metrics, judgement.evaluation, on: judgement.kind)
      } catch {
        // Results that nobody takes end the run, and lose nothing of it.
        if !isSaved { try checkpoints?.write(run, epoch: epoch, best: best) }
        if isOver(before: epoch, best) { return End(best: best, failure: error) }
        throw error
      }
      if !isOver(before: epoch, best) {
        try stopIfInterrupted(epoch: epoch, isSaved: isSaved, best: best)
      }
    }
    if !isSaved { try checkpoints?.write(run, epoch: epoch, best: best) }
    if let best, isPatienceOver(before: epoch, best), epoch <= options.epochs {
      do {
        try report.stopped(after: epoch - 1, best: best.score)
      } catch {
        return End(best: best, failure: error)
      }
    }
    return End(best: best)
  }

  private func isOver(before epoch: Int, _ best: BestEpoch?) -> Bool {
    epoch > options.epochs || trainer.stepNumber >= stepLimit || isPatienceOver(before: epoch, best)
  }

  private func isPatienceOver(before epoch: Int, _ best: BestEpoch?) -> Bool {
    guard let patience = options.validation.patience, let best else { return false }
    return epoch - 1 - best.score.epoch >= patience
  }

  /// Takes an epoch's steps, with a checkpoint wherever one is due between them.
  private func train(_ progress: EpochProgress, before: Int, _ best: BestEpoch?) throws {
    let bar = ProgressBar(
      report.console, label: "epoch \(progress.epoch)", total: progress.steps
    ) { [trainer] in trainer.stepNumber - before }
    defer { bar.finish() }
    while !progress.isDone {
      let due = checkpoints?.nextStep(in: progress, before: before) ?? .max
      try trainer.train(progress, upTo: due) { Interruption.pending != nil }
      if progress.isDone { return }
      let isSaved = progress.sums.steps == due
      if isSaved {
        try checkpoints?.write(run, epoch: progress.epoch, progress: progress, best: best)
      }
      try stopIfInterrupted(
        epoch: progress.epoch, progress: progress, isSaved: isSaved, best: best)
    }
  }

  private func stopIfInterrupted(
    epoch: Int, progress: EpochProgress? = nil, isSaved: Bool, best: BestEpoch?
  ) throws {
    guard let signal = Interruption.pending else { return }
    if !isSaved { try checkpoints?.write(run, epoch: epoch, progress: progress, best: best) }
    throw RunInterrupted(
      signal: signal, epoch: epoch, step: trainer.stepNumber, checkpoint: checkpoints?.path)
  }

  /// Evaluates after an epoch.
  ///
  /// - Parameter best: the best epoch, which this one may become if images were held back.
  private func judge(
    _ progress: EpochProgress, _ best: inout BestEpoch?
  ) -> (evaluation: Evaluation, kind: TrainReport.EvaluationKind) {
    guard let validation = run.validate() else {
      best = nil
      return (run.evaluate(), .test)
    }
    let score = EpochScore(epoch: progress.epoch, validation)
    if best.map({ score.isBetter(than: $0.score) }) ?? true {
      best = BestEpoch(score, weights: options.validation.keep == .best ? run.weights : nil)
    }
    return (validation, .validation)
  }
}
