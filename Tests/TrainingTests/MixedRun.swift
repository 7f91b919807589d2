import ConvoyAugmentation
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTraining
import Optimizers

/// What two epochs on a network of every kind of stage give, with dropout, statistics of whole batches, of
/// ghosts and of groups of channels, and a ragged last batch.
struct MixedRun: Equatable {
  static let layers = layers(denseUnits: 17)

  /// A network whose gradients are large enough for groups to share slots.
  static let large = large(GroupNormalization(groups: 4))
  /// The same with statistics of batches.
  static let largeNormalized = large(BatchNormalization())

  private static func large(_ normalization: any Layer) -> [any Layer] {
    [
      Convolution(filters: 40, kernelSize: 3, padding: 1), normalization, PReLU(),
      MaxPooling(2, stride: 2), Convolution(filters: 50, kernelSize: 3), ReLU(), Flatten(),
      Dense(4),
    ]
  }

  private static func layers(denseUnits: Int) -> [any Layer] {
    [
      Convolution(filters: 6, kernelSize: 3, stride: 1, padding: 1), BatchNormalization(), PReLU(),
      MaxPooling(2, stride: 2), Dropout(rate: 0.2),
      Convolution(filters: 9, kernelSize: 3, stride: 2, padding: 1), BatchNormalization(samples: 8),
      Tanh(),
      AveragePooling(2, stride: 1), GroupNormalization(groups: 3), Flatten(),
      Dense(denseUnits), GroupNormalization(groups: 1), PReLU(isShared: true),
      Dropout(rate: 0.5), Dense(4),
    ]
  }

  /// Of the weights' bits.
  let fingerprint: String
  let stepLosses: [Float]
  let accuracy: Double
  let evaluation: Evaluation

  init(
    threads: Int, batchSize: Int = 50, denseUnits: Int = 17, seed: UInt64 = 9,
    optimizer: (any Optimizer)? = nil, clipping: GradientClipping = .none,
    kernels: any KernelSet = KernelDispatch.best, cores: Int = AvailableCores.count,
    mixing: Mixing? = nil, precision: Precision = .fp32, layers: [any Layer]? = nil,
    images: Int = 177,
    ranks: any MessagePassing = SingleProcess()
  ) throws {
    let run = try TestRun(
      layers ?? Self.layers(denseUnits: denseUnits), on: syntheticImages(count: images),
      configuration: TrainingConfiguration(
        batchSize: batchSize, threads: threads,
        optimizer: try optimizer ?? Adam(learningRate: 0.01, l2: 0.001), clipping: clipping,
        seed: seed, mixing: mixing, precision: precision),
      kernels: kernels, cores: cores, ranks: ranks)
    _ = try run.trainer.runEpoch(1)
    let metrics = try run.trainer.runEpoch(2)
    fingerprint = run.weights.fingerprint
    stepLosses = metrics.stepLosses
    accuracy = metrics.accuracy
    evaluation = run.evaluator(threads: threads).evaluate()
  }
}
