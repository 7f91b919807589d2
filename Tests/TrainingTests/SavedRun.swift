import Datasets
import Foundation
import KernelDispatch
import NeuralNetwork
import Optimizers
import Training

/// A run whose checkpoints go through a file, in a directory that is removed with it.
final class SavedRun {
  private let directory = FileManager.default.temporaryDirectory.appending(
    path: "convoy-\(UUID().uuidString)")
  var path: String { directory.appending(path: "run.ckpt").path }
  let dataset = Dataset(
    training: syntheticImages(count: 107), test: syntheticImages(count: 20), classes: 4)

  init() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// Every kind of stage, and padding of every kind.
  static let architecture = Architecture([
    Convolution(filters: 5, kernelSize: 3, stride: 1, padding: 1), ReLU(),
    MaxPooling(kernelSize: 2, stride: 2), Dropout(rate: 0.2),
    Convolution(filters: 9, kernelSize: 3, stride: 1, padding: 1, hasBias: false), Sigmoid(),
    AveragePooling(kernelSize: 2, stride: 2), Flatten(), Dense(units: 13), Tanh(),
    Dropout(rate: 0.5), Dense(units: 4),
  ])

  func run(
    _ optimizer: any Optimizer = Adam(), threads: Int = 2,
    schedule: LearningRateSchedule? = nil, clipping: GradientClipping = .none,
    architecture: Architecture = architecture
  ) throws -> TrainingRun {
    try TrainingRun(
      architecture, on: dataset, normalization: .standard,
      configuration: TrainingConfiguration(
        batchSize: 16, threads: threads, optimizer: optimizer, schedule: schedule,
        clipping: clipping, seed: 1 << 63 + 5),
      kernels: KernelDispatch.best)
  }

  func save(_ run: TrainingRun, _ progress: EpochProgress) throws {
    try run.save(
      Checkpoint.State(
        settings: ["seed": "9223372036854775813"], fusesMultiplyAdd: true,
        data: DatasetDigest(dataset), epoch: progress.epoch,
        stepNumber: run.trainer.stepNumber, sums: progress.sums, best: nil,
        log: LoggedPart(length: 7, checksum: "0123cdef")),
      bestWeights: nil, stepLosses: progress.stepLosses, to: path)
  }

  /// Puts a fresh run where the file says.
  func restore(_ run: TrainingRun) throws -> EpochProgress {
    let checkpoint = try Checkpoint(contentsOf: path)
    _ = try run.restore(checkpoint, path: path, epochs: 3, keepsBest: false)
    return run.trainer.begin(
      checkpoint.state.epoch, sums: checkpoint.state.sums, stepLosses: checkpoint.stepLosses)
  }
}
