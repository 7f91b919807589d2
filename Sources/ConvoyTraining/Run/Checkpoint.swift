import ConvoyNeuralNetwork
import Foundation

/// A run between two steps: everything needed to continue it with the same bits. Random numbers are
/// keyed, so there is no generator state.
package struct Checkpoint: Sendable, Equatable {
  package let architecture: Network
  package let state: State
  package let weights: WeightTensors
  /// The optimizer's moments, by name.
  package let moments: [String: WeightTensors]
  /// The average of the weights, if the run has one.
  package let average: WeightTensors?
  /// The weights of the best epoch, where they are kept.
  package let bestWeights: WeightTensors?
  /// The loss of each step of the current epoch.
  package let stepLosses: [Float]

  /// The metadata of a checkpoint.
  package struct State: Sendable, Equatable, Codable {
    /// The only one that is read.
    package static let currentVersion = 9

    package var formatVersion = currentVersion
    /// With absolute paths.
    package var settings: TrainingSettings
    /// Whether kernels use fused multiply-add. Runs with and without it differ in bits.
    package var fusesMultiplyAdd: Bool
    package var data: DatasetDigest
    /// The current epoch; one past the last when all are done.
    package var epoch: Int
    /// Since training began.
    package var stepNumber: Int
    /// Of the current epoch.
    package var sums: EpochProgress.Sums
    package var best: EpochScore?
    /// The part of the log that was written, if the run has a log.
    package var log: LoggedPart?

    package init(
      settings: TrainingSettings, fusesMultiplyAdd: Bool, data: DatasetDigest, epoch: Int,
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
