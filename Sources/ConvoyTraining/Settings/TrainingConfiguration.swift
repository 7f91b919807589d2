import ConvoyAugmentation
import ConvoyNeuralNetwork
import Optimizers

/// The configuration of training. The result depends on all of it except the number of threads.
package struct TrainingConfiguration: Sendable {
  package var batchSize: Int
  package var threads: Int
  /// Its L2 and weight decay act on weights, not on biases.
  package var optimizer: any Optimizer
  /// Nil for the optimizer's own rate throughout.
  package var schedule: LearningRateSchedule?
  package var clipping: GradientClipping
  /// The factor of the learning rate of biases, including a normalisation's shifts.
  package var biasRateFactor: Double
  package var averaging: WeightAveraging
  package var seed: UInt64
  package var shuffle: Shuffle
  /// Whether an epoch leaves out its last batch if that is smaller than the others.
  package var dropsLast: Bool
  /// The part of each label's target that is spread over all classes, under cross-entropy: from 0 up
  /// to but not including 1.
  package var labelSmoothing: Double
  /// How much the samples of each class count, under cross-entropy; nil for all the same. The loss of
  /// a batch is then the sum of its samples' losses, divided by the sum of their labels' weights.
  package var classWeights: ClassWeights?
  /// How the samples of a batch are mixed in pairs, under cross-entropy; nil for not at all.
  package var mixing: Mixing?
  /// Of the products of training; judging takes single precision.
  package var precision: Precision
  /// Whether each step measures the norm of its gradients, which costs time and changes no weight.
  package var measuresGradientNorm: Bool

  package init(
    batchSize: Int = 64, threads: Int = 1, optimizer: any Optimizer = Adam(),
    schedule: LearningRateSchedule? = nil, clipping: GradientClipping = .none,
    biasRateFactor: Double = 1, averaging: WeightAveraging = .none, seed: UInt64 = 0,
    shuffle: Shuffle = .on, dropsLast: Bool = false, labelSmoothing: Double = 0,
    classWeights: ClassWeights? = nil, mixing: Mixing? = nil, precision: Precision = .fp32,
    measuresGradientNorm: Bool = false
  ) {
    precondition(batchSize >= 1 && threads >= 1, "a batch has samples, a team workers")
    self.batchSize = batchSize
    self.threads = threads
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.biasRateFactor = biasRateFactor
    self.averaging = averaging
    self.seed = seed
    self.shuffle = shuffle
    self.dropsLast = dropsLast
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
    self.mixing = mixing
    self.precision = precision
    self.measuresGradientNorm = measuresGradientNorm
  }

  /// Whether the norm of all gradients is known before any update.
  var measuresNorm: Bool { measuresGradientNorm || clipping.normLimit != .infinity }

  /// Whether all gradients and their norm are known before any update. Otherwise a block's gradient is
  /// computed right before its update.
  var keepsGradients: Bool { measuresNorm || TensorUpdates.areNeeded(by: optimizer) }

  /// The steps of an epoch.
  package func steps(ofImages count: Int) -> Int {
    Self.steps(ofImages: count, batchSize: batchSize, dropsLast: dropsLast)
  }

  static func steps(ofImages count: Int, batchSize: Int, dropsLast: Bool) -> Int {
    count / batchSize + (dropsLast || count.isMultiple(of: batchSize) ? 0 : 1)
  }
}
