import Training

/// Writes checkpoints of a run, where and as often as it was asked to.
struct CheckpointWriter {
  let path: String
  let cadence: CheckpointOptions.Cadence
  let settings: [String: String]
  let data: DatasetDigest
  let fusesMultiplyAdd: Bool
  let keepsBest: Bool
  let log: RunLog?

  /// The step of an epoch after which a checkpoint is due next, before the epoch's end.
  ///
  /// - Parameter before: steps since training began, before those of the epoch.
  func nextStep(in progress: EpochProgress, before: Int) -> Int {
    guard case .steps(let interval) = cadence else { return .max }
    return ((before + progress.sums.steps) / interval + 1) * interval - before
  }

  /// Whether one is due after an epoch.
  func isDue(afterEpochEndingAt step: Int) -> Bool {
    switch cadence {
    case .epochs: true
    case .steps(let interval): step.isMultiple(of: interval)
    }
  }

  /// - Parameters:
  ///   - epoch: under way, or the next.
  ///   - progress: of the epoch under way.
  func write(_ run: TrainingRun, epoch: Int, progress: EpochProgress? = nil, best: BestEpoch?)
    throws
  {
    // A loss of power must not leave a checkpoint that remembers more of the log than there is.
    let logged = try log?.synchronize()
    try run.save(
      Checkpoint.State(
        settings: settings, fusesMultiplyAdd: fusesMultiplyAdd, data: data, epoch: epoch,
        stepNumber: run.trainer.stepNumber, sums: progress?.sums ?? EpochProgress.Sums(),
        best: best?.score, log: logged),
      bestWeights: keepsBest ? best?.weights : nil, stepLosses: progress?.stepLosses ?? [],
      to: path)
  }
}
