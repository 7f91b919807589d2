import ConvoyNeuralNetwork
import Foundation

/// A run between two steps: all that it takes to go on as if it had never been interrupted. Random
/// numbers are keyed, so there is no state of theirs.
package struct Checkpoint: Sendable, Equatable {
  package let architecture: Architecture
  package let state: State
  package let weights: WeightTensors
  /// The optimizer's, by their names.
  package let moments: [String: WeightTensors]
  /// The weights of the best epoch, where they are kept.
  package let bestWeights: WeightTensors?
  /// Of the epoch under way.
  package let stepLosses: [Float]

  /// What a checkpoint says beside its tensors.
  package struct State: Sendable, Equatable, Codable {
    /// The only one that is read.
    package static let currentVersion = 4

    package var formatVersion = currentVersion
    /// With paths from the root.
    package var settings: RunSettings
    /// Whether products are added without rounding: two kinds of processors that differ in bits.
    package var fusesMultiplyAdd: Bool
    package var data: DatasetDigest
    /// The epoch under way; one past the last when all are done.
    package var epoch: Int
    /// Since training began.
    package var stepNumber: Int
    /// Of the epoch under way.
    package var sums: EpochProgress.Sums
    package var best: EpochScore?
    /// What was in the log, where one was kept.
    package var log: LoggedPart?

    package init(
      settings: RunSettings, fusesMultiplyAdd: Bool, data: DatasetDigest, epoch: Int,
      stepNumber: Int, sums: EpochProgress.Sums, best: EpochScore?, log: LoggedPart?
    ) {
      self.settings = settings
      self.fusesMultiplyAdd = fusesMultiplyAdd
      self.data = data
      self.epoch = epoch
      self.stepNumber = stepNumber
      self.sums = sums
      self.best = best
      self.log = log
    }
  }
}
