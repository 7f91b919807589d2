/// Observes a run. If it throws, the run is saved and then ends with that error.
package protocol RunObserver {
  /// Called after each step, from any thread; nil for not at all.
  var onStep: (@Sendable (TrainedStep) -> Void)? { get }

  /// Calls `body`, which runs the steps of an epoch.
  func duringEpoch(_ epoch: EpochWatch, _ body: () throws -> Void) throws

  /// Called before a checkpoint within an epoch. A resumed run does not repeat the steps so far: what is
  /// to be recorded of them is recorded now.
  func willSave()

  /// - Parameter epochs: of the run, unless it stops early.
  func epochEnded(_ epoch: JudgedEpoch, of epochs: Int) throws

  /// The run stops early, because no epoch has improved on the best one within the patience.
  func stoppedEarly(after epoch: Int, best: EpochScore) throws
}

extension RunObserver {
  package var onStep: (@Sendable (TrainedStep) -> Void)? { nil }
  package func willSave() {}
}

/// An epoch as it goes on. Its values may be asked for from any thread.
package struct EpochWatch: Sendable {
  /// From 1.
  package let number: Int
  /// The epochs of the run, unless it stops early.
  package let epochs: Int
  /// The steps of the run that follow this epoch's.
  package let laterSteps: Int
  private let progress: EpochProgress

  init(_ progress: EpochProgress, of epochs: Int, laterSteps: Int) {
    number = progress.epoch
    self.epochs = epochs
    self.laterSteps = laterSteps
    self.progress = progress
  }

  /// In the whole epoch.
  package var steps: Int { progress.steps }

  /// The number of steps done so far.
  package var stepsDone: Int { progress.stepsSoFar }

  /// The loss of each step done so far.
  package var losses: [Float] { progress.lossesSoFar }

  /// The samples of the steps done so far, and those of them that were classified right.
  package var samples: (seen: Int, correct: Int) { progress.samplesSoFar }
}

/// An epoch of training and the evaluation after it.
package struct JudgedEpoch: Sendable {
  /// The images on which epochs are evaluated.
  package enum Images: String, Sendable { case validation, test }

  package let number: Int
  /// The number of its last step since training began.
  package let lastStep: Int
  package let metrics: EpochMetrics
  package let evaluation: Evaluation
  package let images: Images
}

/// The result of a run.
package struct RunResult: Sendable {
  /// The best epoch, where its weights were kept.
  package let keptEpoch: EpochScore?
  /// The result on the test images, if epochs were evaluated on validation images, or none was left.
  package let test: Evaluation?
  package let model: ModelFile
}

/// A run that was asked to end between two steps.
package struct RunInterruption: Error, Sendable, Equatable {
  package let epoch: Int
  /// Since training began.
  package let step: Int
  /// The checkpoint to resume from; nil for none.
  package let checkpoint: String?
  /// The model file that was written instead of a checkpoint; nil for none.
  package let model: String?

  package init(epoch: Int, step: Int, checkpoint: String?, model: String? = nil) {
    self.epoch = epoch
    self.step = step
    self.checkpoint = checkpoint
    self.model = model
  }
}
