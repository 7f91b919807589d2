import Foundation

/// What a run leaves in files: its log, checkpoints, and models of runs that end before their time.
extension TrainingRun {
  /// What all checkpoints of the run share.
  struct Checkpoints {
    let path: String
    let settings: TrainingSettings
    let data: DatasetDigest
  }

  func beginLog() throws {
    if let header { try log?.begin(header) }
  }

  /// What is wrong with the run is more than what is wrong with its log.
  func logFault(_ error: NonFiniteError) {
    try? log?.add([RunLog.Fault(error)])
    _ = try? log?.synchronize()
  }

  /// After a fault, writes the model of the best epoch, if its weights were kept.
  func writeBest(_ best: BestEpoch?) throws -> Int? {
    guard let best, let weights = best.weights, let output = files.output else { return nil }
    setup.load(weights)
    try write(setup.model, to: output, isAtEnd: false)
    return best.score.epoch
  }

  func interrupt(
    epoch: Int, _ progress: EpochProgress?, isSaved: Bool, _ best: BestEpoch?
  ) throws -> Never {
    if !isSaved { try save(epoch: epoch, progress, best) }
    let step = trainer.stepNumber
    let model = try writeModelSoFar(best)
    throw RunInterruption(epoch: epoch, step: step, checkpoint: checkpoints?.path, model: model)
  }

  /// Writes the model of a run that ends before its time and leaves no checkpoint. In the first epoch,
  /// a file that is there is kept.
  ///
  /// - Returns: where it is; nil if it was not written.
  func writeModelSoFar(_ best: BestEpoch?) throws -> String? {
    let files = FileManager.default
    guard let path = self.files.output,
      checkpoints.map({ !files.fileExists(atPath: $0.path) }) ?? true,
      trainer.stepNumber >= trainer.stepsAnEpoch || !files.fileExists(atPath: path)
    else { return nil }
    if settings.validation.keepsBest, let weights = best?.weights { setup.load(weights) }
    try write(setup.model, to: path, isAtEnd: false)
    return path
  }

  /// Writes a model; into the system's folder for temporary files if it cannot be written where it
  /// should be.
  ///
  /// - Throws: `FailedRun` if it is elsewhere now; what was wrong if it is nowhere.
  func write(_ model: ModelFile, to output: String, isAtEnd: Bool) throws {
    do {
      try model.write(to: output)
    } catch {
      let file = URL(filePath: output)
      let name = "\(file.deletingPathExtension().lastPathComponent)-\(UUID().uuidString)"
      let place = FileManager.default.temporaryDirectory.appending(path: name)
        .appendingPathExtension(file.pathExtension).path
      do { try model.write(to: place) } catch _ { throw error }
      throw FailedRun(cause: error, modelPath: place, isAtEnd: isAtEnd)
    }
  }

  /// Writes a checkpoint, if the run keeps any.
  ///
  /// - Parameters:
  ///   - epoch: the current epoch, or the next one.
  ///   - progress: of the current epoch; nil between epochs.
  func save(epoch: Int, _ progress: EpochProgress?, _ best: BestEpoch?) throws {
    guard let checkpoints else { return }
    // After a power failure, no checkpoint may record more of the log than exists.
    let logged = try log?.synchronize()
    try setup.save(
      Checkpoint.State(
        settings: checkpoints.settings, fusesMultiplyAdd: fusesMultiplyAdd,
        data: checkpoints.data, epoch: epoch, stepNumber: trainer.stepNumber,
        sums: progress?.sums ?? EpochProgress.Sums(), best: best?.score, log: logged),
      bestWeights: settings.validation.keepsBest ? best?.weights : nil,
      stepLosses: progress?.stepLosses ?? [], to: checkpoints.path)
  }
}

/// An error that ended a run whose model could still be written.
struct FailedRun: Error, CustomStringConvertible {
  let cause: any Error
  let modelPath: String
  /// Whether the run had trained to its end.
  let isAtEnd: Bool

  var description: String {
    "\(cause); the model \(isAtEnd ? "" : "so far ")is written to \(modelPath)"
  }
}
