/// Sees a run as it goes. An error that it throws ends the run, which is saved first.
package protocol RunObserver {
  /// Calls `body`, which takes an epoch's steps.
  ///
  /// - Parameter done: the steps of the epoch that are done; may be asked from any thread.
  func duringEpoch(
    _ number: Int, steps: Int, done: @escaping @Sendable () -> Int, _ body: () throws -> Void
  ) throws

  func epochEnded(_ epoch: JudgedEpoch) throws

  /// No epoch was better than the best one for as long as the run was to wait.
  func stoppedEarly(after epoch: Int, best: EpochScore) throws
}

/// An epoch of training, and how well the network did after it.
package struct JudgedEpoch: Sendable {
  /// The images that epochs are judged by.
  package enum Images: String, Sendable { case validation, test }

  package let number: Int
  package let metrics: EpochMetrics
  package let evaluation: Evaluation
  package let images: Images
}

/// What a run ends with.
package struct RunResult {
  /// The best epoch, where its weights were kept.
  package let keptEpoch: EpochScore?
  /// How well these weights do on the test images, where the epochs were judged by others.
  package let test: Evaluation?
  package let model: ModelFile
}

/// A run that was asked to end between two steps.
package struct RunInterruption: Error, Sendable, Equatable {
  package let epoch: Int
  /// Since training began.
  package let step: Int
  /// Where the run can be resumed from, if it can.
  package let checkpoint: String?

  package init(epoch: Int, step: Int, checkpoint: String?) {
    self.epoch = epoch
    self.step = step
    self.checkpoint = checkpoint
  }
}
