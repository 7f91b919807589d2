import CommandLineOptions
import FileAccess
import KernelInterface
import NeuralNetwork
import Optimizers
import ProcessLimits
import Training

/// The options of `convoy train`, read and checked.
struct TrainOptions {
  let parsed: ParsedOptions
  let data: String
  let kernels: any KernelSet
  let configuration: TrainingConfiguration
  let schedule: ScheduleOptions
  let epochs: Int
  let steps: Int?
  let loss: LossFunction
  let initialization: Initialization
  let initialWeights: String?
  let dropout: Float?
  let normalization: Normalization.Method
  let output: String?
  let log: String?
  let logsSteps: Bool
  let validation: ValidationOptions
  let checkpoint: CheckpointOptions
  private let optimizerSettings: OptimizerSettings

  /// - Parameter fusing: whether a run that is taken up again was made with fused multiply-adds.
  init(_ options: ParsedOptions, fusingMultiplyAdd fusing: Bool? = nil) throws(UsageError) {
    parsed = options
    data = NetworkOptions.data(options)
    kernels = try NetworkOptions.kernels(options, fusingMultiplyAdd: fusing)
    schedule = try ScheduleOptions(options)
    let optimizer = try OptimizerOptions(options)
    optimizerSettings = try optimizer.settings()
    configuration = TrainingConfiguration(
      batchSize: try options.integer("batch", in: 1...1_000_000) ?? 64,
      threads: try NetworkOptions.threads(options),
      optimizer: try optimizer.optimizer(), clipping: try optimizer.clipping(),
      seed: try options.unsignedInteger("seed") ?? 0,
      shuffles: try options.choice("shuffle", of: Switch.self) != .off)
    epochs = try options.integer("epochs", in: 1...1_000_000) ?? 3
    steps = try options.integer("steps", atLeast: 1)
    loss = try options.choice("loss", of: LossFunction.self) ?? .crossEntropy
    initialization = Initialization(
      try options.choice("initialization", of: Initialization.Method.self) ?? .xavier,
      try options.choice("distribution", of: Initialization.Distribution.self) ?? .uniform)
    initialWeights = options.string("initial-weights")
    // In single precision a rate just below 1 would be 1.
    dropout = try options.number("dropout", in: 0..<1).map { min(Float($0), Float(1).nextDown) }
    normalization =
      try options.choice("normalization", of: Normalization.Method.self) ?? .standard
    output = options.string("output")
    log = options.string("log")
    logsSteps = options.flag("log-steps")
    if logsSteps, log == nil {
      throw .invalidCombination("--log-steps: expected --log <file> beside it, found none")
    }
    validation = try ValidationOptions(options)
    checkpoint = try CheckpointOptions(options)
  }

  /// What a checkpoint keeps of the options: all that were given, and the values of those that were
  /// not, so that a run goes on as it began whatever the usual values will be by then.
  ///
  /// - Throws: `FileError` if a path cannot be told from the root.
  func settings() throws(FileError) -> [String: String] {
    let usual = [
      "model": NetworkOptions.defaultModel, "data": data, "epochs": "\(epochs)",
      "batch": "\(configuration.batchSize)", "seed": "\(configuration.seed)",
      "shuffle": (configuration.shuffles ? Switch.on : .off).rawValue, "loss": loss.rawValue,
      "initialization": initialization.method.rawValue,
      "distribution": initialization.distribution.rawValue,
      "normalization": normalization.rawValue, "keep": validation.keep.rawValue,
    ]
    var settings = parsed.texts.filter { !Self.unsaved.contains($0.key) }
      .merging(usual) { given, _ in given }
      .merging(schedule.options) { given, _ in given }
      .merging(optimizerSettings.options) { _, exact in exact }
    for (name, text) in settings
    where Self.paths.contains(name) || name == "model" && !NetworkOptions.presets.contains(text) {
      settings[name] = try CanonicalPath.absolute(text)
    }
    return settings
  }

  /// What the run is going to hold and save.
  var keeping: MemoryNeed.Keeping {
    var keeping: MemoryNeed.Keeping = []
    if checkpoint.path != nil { keeping.insert(.checkpoints) }
    if checkpoint.resumed != nil { keeping.insert(.loadedCheckpoint) }
    if validation.keep == .best { keeping.insert(.bestWeights) }
    return keeping
  }

  /// Options that are paths. A checkpoint keeps them from the root, since the working directory may be
  /// another when the run is resumed.
  static let paths: Set<String> = ["data", "initial-weights", "output", "log"]

  /// What a checkpoint does not keep: a run that is resumed may choose it anew.
  static let unsaved: Set<String> = ["checkpoint", "resume", "threads", "instruction-set"]

  /// Checks that the run does not write what it reads; and that the log, which is begun first, is not
  /// the model that may be there.
  func checkFiles() throws(UsageError) {
    var inputs = [parsed.string("model")].compactMap(\.self)
    try OutputPath.check(
      "output", output, isNoneOf: inputs + [checkpoint.resumed].compactMap(\.self), norIn: data)
    inputs += [initialWeights, output].compactMap(\.self)
    try OutputPath.check("checkpoint", checkpoint.path, isNoneOf: inputs, norIn: data)
    inputs += [checkpoint.path, checkpoint.resumed].compactMap(\.self)
    try OutputPath.check("log", log, isNoneOf: inputs, norIn: data)
  }

  /// On or off.
  enum Switch: String, CaseIterable { case on, off }
}
