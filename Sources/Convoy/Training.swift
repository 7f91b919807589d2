import ConvoyDatasets
import ConvoyFileAccess
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyProcessLimits
import ConvoyTraining
import Optimizers

/// The training of a network: a function of the network, the data, the settings and the seed. It gives
/// the same bits for any number of threads, and after any interruption.
///
/// ```swift
/// var training = try Training(of: network, on: digits, with: .adam(), batch: 64)
/// for try await epoch in training.epochs(3) { print(epoch.number, epoch.loss) }
/// try training.model.write(to: "digits.safetensors")
/// ```
public struct Training: Sendable {
  /// The layers.
  public let network: Network
  /// All that the result depends on beside the network and the data.
  public var settings: TrainingSettings
  /// A rule of your own, in place of `settings.optimizer`; nil for none. The run of a checkpoint goes on
  /// with the rule that it had.
  public var ownRule: (any Optimizer)?
  /// A loss of your own, in place of `settings.loss`; nil for none. The run of a checkpoint goes on with
  /// the loss that it had, and a model remembers its name.
  public var ownLoss: (any Loss)?
  /// Worker threads; the result does not depend on them.
  public var threads = AvailableCores.count
  /// The processes that train together; this one by itself unless others are given. Setting them sets
  /// ``threads`` to those of ``Ranks/threads``. A range test is not shared.
  public var ranks = Ranks.single {
    didSet { threads = ranks.threads }
  }
  /// The file that keeps the state of the run as it goes, as often as `settings.checkpointing` says,
  /// and when it is cancelled; nil for none. It is replaced as a whole or not at all.
  public var checkpoint: String?
  /// The file to which each epoch, and each step with `settings.logsSteps`, is added as a line of JSON;
  /// nil for none. It needs test or validation samples. ``Report`` and ``Comparison`` read it.
  public var log: String?

  let dataset: Dataset
  private let resumed: (checkpoint: Checkpoint, path: String)?
  let initialWeights: WeightTensors?
  private var run: RunningTraining?

  /// A training that has not begun.
  ///
  /// - Parameters:
  ///   - network: its last layer has an output for each class.
  ///   - data: what it is trained and judged on.
  ///   - model: where it begins, as far as the model's tensors have the names and shapes of the
  ///     network's; the rest is drawn, such as a last layer for other classes. Nil to draw all.
  ///   - optimizer: with its hyper-parameters; `settings.schedule` changes its rate.
  ///   - batch: samples per step.
  ///   - augmentation: of the training images, different in each epoch.
  ///   - seed: for all random numbers.
  /// - Throws: `NetworkError`, which names the layer, if the network does not fit the samples;
  ///   ``ConvoyError`` if it does not fit the number of classes; `HyperparameterError`, `SettingsError`
  ///   or ``DataError``. If no tensor of the model fits, the first epoch throws.
  public init(
    of network: Network, on data: some TrainingData, from model: Model? = nil,
    with optimizer: OptimizerSettings = .adam(), batch: Int = 64,
    augmentation: Augmentation = .none, seed: UInt64 = 0
  ) throws {
    var settings = TrainingSettings()
    settings.optimizer = optimizer
    settings.batchSize = batch
    settings.augmentation = augmentation
    settings.seed = seed
    try self.init(network, settings, data.dataset(), resuming: nil, from: model?.file.weights)
  }

  /// Continues the run of a checkpoint, with its settings, to the bits that it would have had.
  ///
  /// - Parameters:
  ///   - checkpoint: the file.
  ///   - data: the same as the run's.
  /// - Throws: ``ConvoyError`` or `NetworkError`, which name the file, with what was expected and found;
  ///   ``DataError``. If the data is not the run's, the first epoch throws.
  public init(resuming checkpoint: String, on data: some TrainingData) throws {
    let state = try ConvoyError.visibly { try Checkpoint(contentsOf: checkpoint) }
    try self.init(
      state.architecture, state.state.settings, data.dataset(), resuming: (state, checkpoint),
      from: nil)
    self.checkpoint = checkpoint
    log = state.state.settings.log
  }

  private init(
    _ network: Network, _ settings: TrainingSettings, _ dataset: Dataset,
    resuming resumed: (Checkpoint, String)?, from initialWeights: WeightTensors?
  ) throws {
    var settings = settings
    if resumed == nil {
      // Neither came from a file.
      (settings.model, settings.data) = ("", "")
      try settings.validate(hasValidationPart: dataset.validation != nil)
    }
    _ = try settings.optimizer.optimizer()
    try ConvoyError.visibly { try dataset.check(network) }
    self.network = network
    self.settings = settings
    self.dataset = dataset
    self.resumed = resumed
    self.initialWeights = initialWeights
  }

  /// Trains from the start, or from the checkpoint, with the present settings. The epochs come as they
  /// are asked for, and are trained on a thread of their own: between two of them, nothing runs.
  ///
  /// If the task that asks is cancelled, the run ends after its step, with a whole checkpoint if it
  /// keeps one, and the sequence throws `CancellationError`. A run that is not asked waits, with its
  /// memory and files, until nothing refers to it or `Epochs.stop()` ends it. An earlier run of this
  /// value ends before this one begins.
  ///
  /// Settings that no run can have are errors of the first epoch. Of a resumed run, only the threads and
  /// the files may change if its bits are to be those of one run, and the number of epochs where the
  /// learning rate is constant, without warm-up.
  ///
  /// - Parameters:
  ///   - count: of the whole run, a resumed one too; nil for `settings.epochs`.
  ///   - onStep: called after each step, from any thread.
  public mutating func epochs(
    _ count: Int? = nil, onStep: (@Sendable (TrainedStep) -> Void)? = nil
  ) -> Epochs {
    if let count { settings.epochs = count }
    settings.log = log
    let (network, settings, dataset, resumed) = (network, settings, dataset, resumed)
    let (threads, checkpoint, log) = (threads, checkpoint, log)
    let (ownRule, ownLoss) = (ownRule, ownLoss)
    let (initialWeights, earlier) = (initialWeights, run?.exchange)
    let ranks = ranks
    let run = RunningTraining(ownLoss: ownLoss) { exchange in
      earlier?.stopAndWait()
      return try ranks.run(exchange) {
        let threads = try Model.checked(threads)
        guard
          log == nil || dataset.test.count > 0 || dataset.validation != nil
            || settings.validation.fraction != nil
        else {
          throw SettingsError(
            setting: "log", expected: "test or validation samples, which it judges", found: "none")
        }
        if let log, let checkpoint, CanonicalPath(log) == CanonicalPath(checkpoint) {
          throw SettingsError(
            setting: "log", expected: "another file than the checkpoint", found: log)
        }
        let files = try RunFiles(checkpoint: ranks.isFirst ? checkpoint : nil)
        try files.open(output: nil, log: ranks.isFirst ? log : nil)
        return try TrainingRun(
          settings, network, on: dataset, files, resuming: resumed?.checkpoint,
          at: resumed?.path ?? "", threads: threads,
          kernels: try Self.kernels(fusingMultiplyAdd: resumed?.checkpoint.state.fusesMultiplyAdd),
          options: settings.options(ownRule: ownRule, ownLoss: ownLoss), ownRule: ownRule,
          ownLoss: ownLoss, initialWeights: initialWeights, ranks: ranks.process)
      } train: { run in
        let observer = EpochDelivery(
          exchange, setup: run.setup, hasTest: dataset.test.count > 0, onStep: onStep)
        return try run.train(observer) { exchange.isStopped }
      }
    }
    self.run = run
    return Epochs(run: run)
  }

  /// The kernels of the processor's best instruction set that rounds as a resumed run did.
  private static func kernels(fusingMultiplyAdd: Bool?) throws(DataError) -> any KernelSet {
    let best = KernelDispatch.best
    guard let fusingMultiplyAdd, best.instructionSet.fusesMultiplyAdd != fusingMultiplyAdd else {
      return best
    }
    let set = KernelDispatch.available.last { $0.fusesMultiplyAdd == fusingMultiplyAdd }
    guard let kernels = set.flatMap({ KernelDispatch.kernels(for: $0) }) else {
      throw .unsuitable(
        expected:
          "a processor \(fusingMultiplyAdd ? "with" : "without") fused multiply-add, as the "
          + "run's", found: best.instructionSet.rawValue)
    }
    return kernels
  }

  /// A copy of the network as it is: after the epoch that was last given; at the end of the run, if it
  /// keeps the best epoch, after that one; within an epoch, after a cancellation. It waits while an
  /// epoch is trained, so a step's observer must not ask for it.
  ///
  /// - Throws: ``ModelError/untrained`` before the first epoch of this value has ended.
  public var model: Model {
    get throws {
      guard let run, let file = run.exchange.model else { throw ModelError.untrained }
      return try Model(file(), ownLoss: run.ownLoss)
    }
  }

  /// How the run ended: nil until it has, which is when the sequence has given nil for the next epoch.
  public var result: TrainingResult? {
    run?.exchange.result.map {
      TrainingResult(keptEpoch: $0.keptEpoch?.epoch, test: $0.test.map(Score.init))
    }
  }
}

extension TrainingSettings {
  /// The options of `convoy train` that tell runs apart, with rules and losses of the program's own by name.
  fileprivate func options(
    ownRule: (any Optimizer)?, ownLoss: (any Loss)?
  ) -> [String: String] {
    var options = options
    if let ownRule {
      for name in optimizer.options.keys { options[name] = nil }
      options["optimizer"] = ownRule.name
      options["learning-rate"] = "\(ownRule.learningRate)"
    }
    if let ownLoss { options["loss"] = ownLoss.name }
    return options
  }
}

extension Dataset {
  /// Checks that a network takes the samples and has an output for each class.
  fileprivate func check(_ network: Network) throws {
    let shape = training.featureShape
    let labels = [test, validation].compactMap { $0?.labels.max() }
    let classes = max(classes, 1 + Int(labels.max() ?? 0))
    let outputs = try network.outputShape(for: shape).count
    guard outputs >= classes, classNames == nil || outputs == classes else {
      throw TrainingDataError.outputs(
        file: "the data", classes: classNames ?? (0..<classes).map(String.init),
        found: outputs)
    }
  }
}

/// How a run ended.
public struct TrainingResult: Sendable, Equatable {
  /// The epoch whose weights the model has, from 1, where the best one is kept
  /// (`ValidationSettings.keep`); else nil, and the model is that of the last epoch.
  public let keptEpoch: Int?
  /// The final model's score on the test samples, where epochs were judged on validation samples, or the
  /// resumed run had ended before; else nil, and each epoch has its own.
  public let test: Score?
}

/// An epoch of training, and how the network did after it.
public struct Epoch: Sendable, Equatable {
  /// From 1.
  public let number: Int
  /// The mean over the training samples, as they were seen during the epoch.
  public let loss: Double
  /// The share of training samples that were classified correctly as they were seen, from 0 to 1.
  public let accuracy: Double
  /// On the validation samples; nil without any.
  public let validation: Score?
  /// On the test samples; nil without any, or where epochs are judged on validation samples.
  public let test: Score?
  /// Steps since training began.
  public let steps: Int
  /// Of training, without judging.
  public let seconds: Double
  /// Of training, without judging.
  public let samplesPerSecond: Double
}
