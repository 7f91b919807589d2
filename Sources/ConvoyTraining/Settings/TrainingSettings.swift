import ConvoyAugmentation
import ConvoyDatasets
import ConvoyFileAccess
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import Optimizers

/// The settings of a run. Together with the network and the data, they determine every bit of the
/// result. Checkpoints store them.
public struct TrainingSettings: Sendable, Equatable, Codable {
  /// A preset's name, or the file that the network was read from; empty for neither.
  package var model = "small"
  /// The directory of the data set; empty for data in memory.
  package var data = "data/mnist"
  /// The part of the images that is for testing where the data has no test part; nil for none.
  package var testFraction: Double?
  package var pictures = PictureOptions()
  /// The packed file that holds the images of a folder of pictures between runs; nil for none.
  package var cache: String?
  /// Passes over the training samples.
  public var epochs = 3
  /// The most steps of the run; nil for no limit.
  public var steps: Int?
  /// Samples per step.
  public var batchSize = 64
  /// For all random numbers.
  public var seed: UInt64 = 0
  /// The order in which each epoch takes the images.
  public var shuffle = Shuffle.on
  /// Whether an epoch leaves out its last batch if that is smaller than the others.
  public var dropsLast = false
  /// What training minimises.
  public var loss = LossFunction.crossEntropy
  /// The name of a loss of the caller's own, in place of `loss`; nil for none.
  package var ownLoss: String?
  /// The part of each label's target that is spread over all classes, under cross-entropy.
  public var labelSmoothing = 0.0
  /// How much the samples of each class count, under cross-entropy; nil for all the same.
  public var classWeights: ClassWeights?
  /// How weights are drawn.
  public var initialization = Initialization()
  /// The safetensors file with the weights to begin with; nil to draw them.
  package var initialWeights: String?
  /// Whether that file may fit the network in part; the rest is drawn.
  package var loadsPartially = false
  /// How many layers keep their parameters, the first ones; nil for those that say so themselves.
  package var frozenLayers: Int?
  /// The rate of all dropout layers; nil for the network's own.
  package var dropout: Double?
  /// Random variations of the training images.
  public var augmentation = Augmentation.none
  /// How the samples of a batch are mixed in pairs, under cross-entropy; nil for not at all.
  public var mixing: Mixing?
  /// How pixels become the network's input.
  public var normalization = Normalization.Method.standard
  /// The numbers that the products of convolutions multiply in training. Judging takes single precision.
  public var precision = Precision.fp32
  /// How a step changes the weights.
  public var optimizer = OptimizerSettings()
  /// The name of a rule of the caller's own, in place of `optimizer`; nil for none.
  package var ownRule: String?
  /// The largest gradient norm per step; nil for no clipping.
  public var clipNorm: Double?
  /// The factor of the biases' learning rate.
  public var biasRateFactor = 1.0
  /// Whether the network is judged by an average of its weights.
  public var averaging = WeightAveraging.none
  /// How the learning rate changes.
  public var schedule = ScheduleSettings()
  /// How epochs are judged.
  public var validation = ValidationSettings()
  /// How often a run with a checkpoint saves it.
  public var checkpointing = CheckpointCadence.epochs
  /// Where the model is written at the end.
  package var output: String?
  package var log: String?
  /// The page that is written at the end.
  package var report: String?
  /// The directory of events for TensorBoard.
  package var tensorBoard: String?
  /// Whether the log has a line for each step too, with the norm of its gradients.
  public var logsSteps = false

  /// The defaults of `convoy train`.
  public init() {}

  /// The settings with absolute paths, which do not depend on the working directory.
  ///
  /// - Throws: `FileError` if the working directory's name cannot be stored in a checkpoint.
  func withAbsolutePaths() throws(FileError) -> TrainingSettings {
    func absolute(_ path: String?) throws(FileError) -> String? {
      guard let path else { return nil }
      return try CanonicalPath.absolute(path)
    }
    var settings = self
    if !data.isEmpty { settings.data = try CanonicalPath.absolute(data) }
    if !model.isEmpty, Network.Preset(rawValue: model) == nil {
      settings.model = try CanonicalPath.absolute(model)
    }
    settings.cache = try absolute(cache)
    settings.initialWeights = try absolute(initialWeights)
    settings.output = try absolute(output)
    settings.log = try absolute(log)
    settings.report = try absolute(report)
    settings.tensorBoard = try absolute(tensorBoard)
    return settings
  }

  /// Of the whole run, if it is not stopped early.
  package func allSteps(anEpoch steps: Int) -> Int {
    let (all, overflow) = steps.multipliedReportingOverflow(by: epochs)
    return min(overflow ? .max : all, self.steps ?? .max)
  }

  /// The trainer's configuration.
  ///
  /// - Parameters:
  ///   - images: the number of training images, which determines the length of the schedule; enough
  ///     for a batch.
  ///   - threads: at least 1; the result does not depend on it.
  ///   - ownRule: in place of `optimizer`; nil for none.
  ///   - measuresGradientNorm: also where the log does not need it.
  /// - Throws: `HyperparameterError`.
  package func configuration(
    images: Int, threads: Int, ownRule: (any Optimizer)? = nil, measuresGradientNorm: Bool = false
  ) throws(HyperparameterError) -> TrainingConfiguration {
    let stepsPerEpoch = TrainingConfiguration.steps(
      ofImages: images, batchSize: batchSize, dropsLast: dropsLast)
    let rule = if let ownRule { ownRule } else { try optimizer.optimizer() }
    return TrainingConfiguration(
      batchSize: batchSize, threads: threads, optimizer: rule,
      schedule: try schedule.schedule(
        rate: ownRule?.learningRate ?? optimizer.learningRate,
        steps: allSteps(anEpoch: stepsPerEpoch),
        stepsPerEpoch: stepsPerEpoch),
      clipping: try clipNorm.map(GradientClipping.norm) ?? .none, biasRateFactor: biasRateFactor,
      averaging: averaging, seed: seed, shuffle: shuffle,
      dropsLast: dropsLast, labelSmoothing: labelSmoothing, classWeights: classWeights,
      mixing: mixing, precision: precision, measuresGradientNorm: logsSteps || measuresGradientNorm)
  }

  /// The initial weights.
  package var start: TrainingSetup.Start {
    guard let initialWeights else { return .drawn(initialization) }
    return loadsPartially
      ? .partOfFile(initialWeights, rest: initialization) : .file(initialWeights)
  }

  /// What the run holds in memory in addition to training.
  func keeping(checkpoints: Bool, isResumed: Bool) -> MemoryNeed.Keeping {
    var keeping: MemoryNeed.Keeping = []
    if checkpoints { keeping.insert(.checkpoints) }
    if isResumed { keeping.insert(.loadedCheckpoint) }
    if validation.keepsBest { keeping.insert(.bestWeights) }
    return keeping
  }
}

/// How epochs are evaluated on images held back from training.
public struct ValidationSettings: Sendable, Equatable, Codable {
  /// The weights that a run ends with.
  public enum Keep: String, CaseIterable, Sendable, Codable {
    /// Of the best epoch by the criterion.
    case best
    /// Of the last epoch.
    case last
  }

  /// What makes an epoch better than another.
  public enum Criterion: String, CaseIterable, Sendable, Codable {
    /// A higher validation accuracy; among equals, the smaller loss.
    case accuracy
    /// A smaller validation loss, which counts rare classes that accuracy hardly notices.
    case loss
  }

  /// The part of the training images that is held back; nil for none.
  public var fraction: Double?
  /// Epochs without improvement after which the run stops; nil to never stop early.
  public var patience: Int?
  /// The weights that a run ends with.
  public var keep = Keep.last
  /// What epochs are compared by, to stop early and to keep the best.
  public var criterion = Criterion.accuracy

  /// Nothing is held back, unless a fraction is given.
  public init(
    fraction: Double? = nil, patience: Int? = nil, keep: Keep = .last,
    criterion: Criterion = .accuracy
  ) {
    self.fraction = fraction
    self.patience = patience
    self.keep = keep
    self.criterion = criterion
  }

  private enum CodingKeys: CodingKey { case fraction, patience, keep, criterion }

  /// Earlier checkpoints have no criterion.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      fraction: try values.decodeIfPresent(Double.self, forKey: .fraction),
      patience: try values.decodeIfPresent(Int.self, forKey: .patience),
      keep: try values.decode(Keep.self, forKey: .keep),
      criterion: try values.decodeIfPresent(Criterion.self, forKey: .criterion) ?? .accuracy)
  }

  var keepsBest: Bool { keep == .best }
}

/// When checkpoints are due.
public enum CheckpointCadence: Sendable, Equatable, Codable {
  /// After every epoch.
  case epochs
  /// Every given number of steps, and at the end.
  case steps(Int)

  /// From a number of steps, or null.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    self = value.decodeNil() ? .epochs : .steps(try value.decode(Int.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .epochs: try value.encodeNil()
    case .steps(let steps): try value.encode(steps)
    }
  }

  /// The step of the epoch after which the next checkpoint is due; it may be past the epoch's end.
  ///
  /// - Parameters:
  ///   - done: steps of the epoch done so far.
  ///   - before: steps before the epoch, since training began.
  func next(after done: Int, before: Int) -> Int {
    guard case .steps(let interval) = self else { return .max }
    return ((before + done) / interval + 1) * interval - before
  }

  /// Whether one is due after an epoch that ends at a step.
  func isDue(afterEpochEndingAt step: Int) -> Bool {
    switch self {
    case .epochs: true
    case .steps(let interval): step.isMultiple(of: interval)
    }
  }
}
