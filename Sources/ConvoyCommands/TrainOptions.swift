import ConvoyCommandLineOptions
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyTraining

/// The options of `convoy train`, read and checked.
struct TrainOptions {
  let settings: TrainingSettings
  let kernels: any KernelSet
  let threads: Int
  /// The file to write checkpoints to, if any.
  let checkpoint: String?
  /// The checkpoint to resume from.
  let resumed: String?
  private let parsed: ParsedOptions

  /// - Parameter fusing: whether the run to resume used fused multiply-adds; nil for a new run.
  init(_ options: ParsedOptions, fusingMultiplyAdd fusing: Bool? = nil) throws(UsageError) {
    parsed = options
    kernels = try NetworkOptions.kernels(options, fusingMultiplyAdd: fusing)
    threads = try NetworkOptions.threads(options, default: RankOptions.threads)
    resumed = options.string("resume")
    checkpoint = options.string("checkpoint") ?? resumed
    var settings = TrainingSettings()
    if let model = options.string("model") { try NetworkOptions.checkName(model) }
    // The network of a program's run has no name.
    settings.model = options.string("model") ?? (resumed == nil ? settings.model : "")
    settings.data = NetworkOptions.data(options)
    try DataOptions.read(options, into: &settings)
    settings.epochs = try options.integer("epochs", in: 1...1_000_000) ?? settings.epochs
    settings.steps = try options.integer("steps", atLeast: 1)
    settings.batchSize = try options.integer("batch", in: 1...1_000_000) ?? settings.batchSize
    settings.seed = try options.unsignedInteger("seed") ?? settings.seed
    settings.shuffle = try options.choice("shuffle", of: Shuffle.self) ?? settings.shuffle
    settings.dropsLast = options.flag("drop-last")
    try LossOptions.read(options, into: &settings)
    try MixingOptions.read(options, into: &settings)
    settings.initialization = Initialization(
      try options.choice("initialization", of: Initialization.Method.self) ?? .xavier,
      try options.choice("distribution", of: Initialization.Distribution.self) ?? .uniform)
    settings.initialWeights = options.string("initial-weights")
    settings.loadsPartially = options.flag("partial")
    if settings.loadsPartially, settings.initialWeights == nil {
      throw .invalidCombination(
        "--partial: expected --initial-weights <file> beside it, found none")
    }
    settings.frozenLayers = try options.integer("freeze", in: 0...4_096)
    settings.dropout = try options.number("dropout", in: 0..<1)
    settings.normalization =
      try options.choice("normalization", of: Normalization.Method.self) ?? settings.normalization
    settings.precision = try NetworkOptions.precision(options)
    let optimizer = try OptimizerOptions(options)
    settings.optimizer = try optimizer.settings()
    settings.clipNorm = try optimizer.clipNorm()
    settings.biasRateFactor = try optimizer.biasRateFactor() ?? settings.biasRateFactor
    settings.averaging = try AveragingOptions.averaging(options)
    settings.schedule = try ScheduleOptions.settings(options)
    settings.validation = try ValidationOptions.settings(options)
    settings.checkpointing = try CheckpointOptions.cadence(options, path: checkpoint)
    settings.output = try Self.output(options)
    settings.log = options.string("log")
    settings.logsSteps = options.flag("log-steps")
    if settings.logsSteps, settings.log == nil {
      throw .invalidCombination("--log-steps: expected --log <file> beside it, found none")
    }
    settings.report = options.string("report")
    settings.tensorBoard = options.string("tensorboard")
    self.settings = settings
  }

  private static func output(_ options: ParsedOptions) throws(UsageError) -> String? {
    guard let path = options.string("output") else { return nil }
    guard !path.lowercased().hasSuffix(".onnx") else {
      throw .invalidValue(
        option: "--output",
        expected: "a safetensors file, of which convoy export makes an ONNX file",
        found: path, suggestion: nil)
    }
    return path
  }

  /// The options that make the same run once more, by name.
  var texts: [String: String] {
    var texts = settings.options
    texts["checkpoint"] = checkpoint
    for name in ["data-from-rank-0", "instruction-set", "quiet", "seeds", "threads"] {
      texts[name] = parsed.texts[name]
    }
    if texts["seeds"] != nil { texts["seed"] = nil }
    if checkpoint == nil { texts["checkpoint-every"] = nil }
    if parsed.string("model") == nil, resumed == nil { texts["model"] = nil }
    return texts
  }

  /// Options whose values are paths that no checkpoint stores, or that may be names of presets.
  static let otherPaths: Set<String> = ["checkpoint", "model", "resume"]

  /// Checks that the run does not overwrite its inputs, and that the log, which is created first,
  /// does not overwrite an existing model.
  ///
  /// - Parameters:
  ///   - weightsFile: the file of class weights, if one was read.
  ///   - seeds: of several runs, each with a log and a model of its own.
  func checkFiles(weightsFile: String?, seeds: [UInt64]? = nil) throws(UsageError) {
    var inputs = [parsed.string("model"), parsed.string("options"), weightsFile].compactMap(\.self)
    try OutputPath.check(
      "cache", settings.cache,
      isNoneOf: inputs + [resumed, settings.initialWeights].compactMap(\.self),
      norIn: settings.data)
    inputs += [settings.cache].compactMap(\.self)
    func paths(_ path: String?) -> [String] {
      guard let path else { return [] }
      return seeds.map { $0.map { SeedOptions.path(path, ofSeed: $0) } } ?? [path]
    }
    for output in paths(settings.output) {
      try OutputPath.check(
        "output", output, isNoneOf: inputs + [resumed].compactMap(\.self), norIn: settings.data)
    }
    inputs += [settings.initialWeights].compactMap(\.self) + paths(settings.output)
    try OutputPath.check("checkpoint", checkpoint, isNoneOf: inputs, norIn: settings.data)
    inputs += [checkpoint, resumed].compactMap(\.self)
    // A resumed run has a log that the command line need not name.
    if let output = parsed.string("output"), parsed.string("log") == nil || resumed != nil {
      try OutputPath.check(
        "output", output, isNoneOf: [settings.log].compactMap(\.self), norIn: settings.data)
    }
    for log in paths(settings.log) {
      try OutputPath.check("log", log, isNoneOf: inputs, norIn: settings.data)
    }
    inputs += [settings.log].compactMap(\.self)
    try OutputPath.check("report", settings.report, isNoneOf: inputs, norIn: settings.data)
  }
}
