import ConvoyAugmentation
import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyTraining
import Foundation
import Optimizers

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
  static let architecture = Network([
    Convolution(filters: 5, kernelSize: 3, stride: 1, padding: 1), ReLU(),
    MaxPooling(2, stride: 2), Dropout(rate: 0.2),
    Convolution(filters: 9, kernelSize: 3, stride: 1, padding: 1, bias: false), Sigmoid(),
    AveragePooling(2, stride: 2), Flatten(), Dense(13),
    BatchNormalization(), GroupNormalization(groups: 1), PReLU(), Tanh(),
    Dropout(rate: 0.5), Dense(4),
  ])

  /// - Parameter change: of the configuration.
  func run(
    _ optimizer: any Optimizer = Adam(), threads: Int = 2,
    schedule: LearningRateSchedule? = nil, clipping: GradientClipping = .none,
    architecture: Network = architecture,
    change: (inout TrainingConfiguration) -> Void = { _ in }
  ) throws -> TrainingSetup {
    var configuration = TrainingConfiguration(
      batchSize: 16, threads: threads, optimizer: optimizer, schedule: schedule,
      clipping: clipping, seed: 1 << 63 + 5)
    change(&configuration)
    return try TrainingSetup(
      architecture, on: dataset, normalization: .standard, configuration: configuration,
      kernels: KernelDispatch.best)
  }

  /// None of them as it is by default.
  static let settings = {
    var settings = TrainingSettings()
    settings.model = "/a/net.json"
    settings.data = "/data"
    settings.cache = "/cache"
    settings.epochs = 7
    settings.steps = .max
    settings.batchSize = 9
    settings.seed = 1 << 63 + 5
    settings.shuffle = .off
    settings.dropsLast = true
    settings.loss = .hinge
    settings.labelSmoothing = 0.1
    settings.classWeights = .listed([0.1, 1 / 3])
    settings.mixing = try? Mixing(.cutmix, alpha: 0.3)
    settings.initialization = Initialization(.he, .normal)
    settings.initialWeights = "/weights"
    settings.loadsPartially = true
    settings.dropout = 0.1
    settings.normalization = .unit
    settings.precision = .bf16
    settings.optimizer = OptimizerSettings(
      name: .nesterov, learningRate: 0.1, momentum: 0.7, beta1: 0.8, beta2: 0.9, epsilon: 1e-7,
      l2: 1e-5, weightDecay: 1e-3, vectorRate: 1e-4)
    settings.clipNorm = 0.3
    settings.biasRateFactor = 64
    settings.averaging = .lookahead(steps: 3, rate: 0.1)
    settings.schedule = ScheduleSettings(
      name: .linear, warmUpEpochs: 0.1,
      points: [SchedulePoint(at: 0, factor: 0.1), SchedulePoint(at: 1, factor: 1 / 3)])
    settings.validation = ValidationSettings(fraction: 0.3, patience: 2, keep: .best)
    settings.checkpointing = .steps(3)
    settings.output = "/output"
    settings.log = "/log"
    settings.logsSteps = true
    return settings
  }()

  func save(_ run: TrainingSetup, _ progress: EpochProgress) throws {
    try run.save(
      Checkpoint.State(
        settings: Self.settings, fusesMultiplyAdd: true,
        data: DatasetDigest(dataset), epoch: progress.epoch,
        stepNumber: run.trainer.stepNumber, sums: progress.sums, best: nil,
        log: LoggedPart(length: 7, checksum: "0123cdef")),
      bestWeights: nil, stepLosses: progress.stepLosses, to: path)
  }

  /// Puts a fresh run where the file says.
  func restore(_ run: TrainingSetup) throws -> EpochProgress {
    let checkpoint = try Checkpoint(contentsOf: path)
    _ = try run.restore(checkpoint, path: path, epochs: 3, keepsBest: false)
    return run.trainer.begin(
      checkpoint.state.epoch, sums: checkpoint.state.sums, stepLosses: checkpoint.stepLosses)
  }
}
