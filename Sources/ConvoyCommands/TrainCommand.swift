import ConvoyAugmentation
import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyFileAccess
import ConvoyMessagePassing
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyRunReports
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Synchronization

/// `convoy train`: trains a network and prints its metrics after each epoch.
struct TrainCommand: Command {
  /// The command line by itself.
  private let given: ParsedOptions
  /// As it was typed, without what files say.
  private let typed: ParsedOptions
  private let options: TrainOptions
  private let files: RunFiles
  /// Those of several runs; nil for one run.
  private let seeds: [UInt64]?
  /// The checkpoint to resume from; nil once the run has taken it.
  private var checkpoint: Checkpoint?
  /// Whether the error that ended a run ends it on every rank.
  private var isErrorOfAll = true

  init(_ commandLine: ParsedOptions) throws { try self.init(commandLine, typed: commandLine) }

  /// - Parameter typed: the command line of another command that trains.
  init(_ commandLine: ParsedOptions, typed: ParsedOptions) throws {
    self.typed = typed
    let commandLine = try OptionsFile.completing(commandLine)
    let weightsFile = LossOptions.weightsFile(commandLine)
    let options = try LossOptions.withNumbers(commandLine)
    given = options
    seeds = try SeedOptions.seeds(options)
    guard let path = options.string("resume") else {
      self.options = try TrainOptions(options)
      try self.options.checkFiles(weightsFile: weightsFile, seeds: seeds)
      files = try RunFiles(checkpoint: RankOptions.isFirst ? self.options.checkpoint : nil)
      return
    }
    files = try RunFiles(
      checkpoint: RankOptions.isFirst ? options.string("checkpoint") ?? path : nil)
    let checkpoint = try Checkpoint(contentsOf: path)
    self.options = try TrainOptions(
      ResumedOptions.options(options, of: checkpoint, path: path),
      fusingMultiplyAdd: checkpoint.state.fusesMultiplyAdd)
    try self.options.checkFiles(weightsFile: weightsFile)
    self.checkpoint = checkpoint
  }

  consuming func run(_ console: Console) throws {
    if given.flag("print-options") {
      try console.print(try OptionsFile.text(options.texts))
      return
    }
    let ranks = RankOptions.ranks
    do {
      try RankOptions.checkSame(given)
      try trainAll(console, ranks)
    } catch let error where ranks.size == 1 || isErrorOfAll {
      throw error
    } catch {
      // The others wait for this process, which cannot go on.
      let rank = ranks.rank == 0 ? "" : "rank \(ranks.rank): "
      Console.standard.error("Error: \(rank)\("\(error)".onOneLine)\n")
      ranks.abort()
    }
  }

  private mutating func trainAll(_ console: Console, _ ranks: any MessagePassing) throws {
    guard let seeds else {
      _ = try train(
        options.settings, console, ranks, showing: given.flag("quiet") ? .results : .epochs)
      return
    }
    let runs = seeds.map { seed in
      var settings = options.settings
      settings.seed = seed
      settings.log = settings.log.map { SeedOptions.path($0, ofSeed: seed) }
      settings.output = settings.output.map { SeedOptions.path($0, ofSeed: seed) }
      return settings
    }
    // A file that cannot be written is found before the first run.
    try ranks.together {
      guard RankOptions.isFirst else { return }
      for settings in runs { try files.open(output: settings.output, log: settings.log) }
    }
    var table = SeedTable(console)
    for (number, settings) in runs.enumerated() {
      let progress = TrainReport.Shown.progress(
        label: "seed \(settings.seed), ", isFirst: number == 0)
      try table.add(
        try train(
          settings, console, ranks, showing: given.flag("quiet") ? .results : progress,
          printsResult: false))
    }
    try table.finish()
    if let first = runs.first?.output, let last = runs.last?.output {
      try console.print(
        "models written to \(first == last ? first : "\(first) to \(last)")".onOneLine)
    }
  }

  /// Trains, and writes the files that were asked for.
  private mutating func train(
    _ given: TrainingSettings, _ console: Console, _ ranks: any MessagePassing,
    showing shown: TrainReport.Shown, printsResult: Bool = true
  ) throws -> SeedTable.Row {
    var prepared: TrainReport?
    do {
      isErrorOfAll = true
      try ranks.together { if RankOptions.isFirst { try openFiles(given) } }
      let dataset = try RankOptions.load(self.given, cache: given.cache, by: ranks) {
        try DataOptions.load(
          given, console, given: typed,
          requiring: given.validation.fraction == nil ? .testOrValidation : .nothing)
      }
      let run = try ranks.together {
        let (run, report) = try makeRun(given, on: dataset, console, ranks, showing: shown)
        prepared = report
        return run
      }
      try ranks.checkSame(run)
      guard let report = prepared else { preconditionFailure("a prepared run has a report") }
      isErrorOfAll = false
      try report.begin(run, options)
      // Signals are caught until the model is written, so that finished work is not lost.
      let start = ContinuousClock.now
      let result = try Interruption.listening {
        try run.train(report) { [output = report.output] in
          Interruption.pending != nil || output.isClosed
        }
      }
      if printsResult {
        try report.end(result, output: given.output)
        if given.output == nil, files.checkpoint == nil, RankOptions.isFirst,
          !self.given.flag("quiet"), console.errorIsTerminal,
          start.duration(to: .now) > Self.worthSaving
        {
          console.error("the model was not saved; --output FILE writes it\n")
        }
        if RankOptions.isFirst {
          let (judged, images) = run.finallyJudged
          try writeReport(
            of: report.history(result, options), on: result.model, images, judged, console)
        }
      }
      return SeedTable.Row(
        seed: given.seed, report.last, report.history(result, options)?.finalScore)
    } catch {
      if RankError.hasReachedAll(error) { isErrorOfAll = true }
      if let interruption = error as? RunInterruption {
        throw interrupted(interruption, outputIsClosed: prepared?.output.isClosed ?? false)
      }
      throw Self.explained(error, given)
    }
  }

  /// From so long a run on, the end tells of a model that was not saved.
  private static let worthSaving = Duration.seconds(10)

  private mutating func makeRun(
    _ given: TrainingSettings, on dataset: Dataset, _ console: Console,
    _ ranks: any MessagePassing, showing shown: TrainReport.Shown
  ) throws -> (TrainingRun, TrainReport) {
    var settings = given
    try ValidationOptions.check(settings.validation, hasPart: dataset.validation != nil)
    if self.given.string("model") == nil, checkpoint == nil {
      settings.model = NetworkOptions.defaultModel(for: dataset.training.featureShape)
    }
    let architecture = try architecture(settings, for: dataset)
    let run = try TrainingRun(
      settings, architecture, on: dataset, files, resuming: checkpoint.take(),
      at: options.resumed ?? "", threads: options.threads, kernels: options.kernels,
      options: settings.options,
      measuresGradientNorm: settings.tensorBoard != nil, ranks: ranks)
    let board = try settings.tensorBoard.flatMap {
      RankOptions.isFirst ? try TensorBoardLog(directory: $0) : nil
    }
    let report = TrainReport(
      settings, labels: dataset.training.labels, showing: shown, board: board, console: console)
    return (run, report)
  }

  private func openFiles(_ settings: TrainingSettings) throws {
    try files.open(output: settings.output, log: settings.log)
    if let report = settings.report {
      guard files.presentLog?.isRegular != false else {
        throw UsageError.invalidCombination(
          "--report: expected a regular file as --log, found a pipe or device")
      }
      try AtomicFile.checkWritable(report)
    }
  }

  /// The end of a run that was asked for. Without a file that the run was to leave, nobody misses
  /// what it did after its output was closed.
  private func interrupted(_ run: RunInterruption, outputIsClosed: Bool) -> any Error {
    if let signal = Interruption.pending {
      return InterruptedCommand(run, by: signal, isOneOfSeveral: seeds != nil)
    }
    guard outputIsClosed, run.checkpoint == nil, options.settings.output == nil else {
      return InterruptedCommand(
        run, by: outputIsClosed ? SIGPIPE : 0, isOneOfSeveral: seeds != nil)
    }
    return ClosedOutput()
  }

  /// An error of a run with the options that it is about, or that may help.
  private static func explained(_ error: any Error, _ settings: TrainingSettings) -> any Error {
    switch error {
    case let error as NonFiniteError:
      return RunFailure(
        description: "\(error); a smaller --learning-rate or --clip-norm may help"
          + (error.keptEpoch.map { "; the model of epoch \($0) is written" } ?? "")
          + (error.lostModel.map { "; writing the best model: \($0)" } ?? ""))
    case let error as ModelFileError
    where error.isMisfit && settings.initialWeights != nil && !settings.loadsPartially:
      return RunFailure(description: "\(error); --partial loads what fits")
    case RankError.tooMany: return UsageError.invalidCombination("--batch: \(error)")
    case let error as AugmentationError:
      return UsageError.invalidCombination("--augment: \(error)")
    case let error as TrainingDataError:
      switch error {
      case .otherData: return UsageError.invalidCombination("--data: \(error)")
      case .classWeights: return UsageError.invalidCombination("--class-weights: \(error)")
      case .noBatch: return UsageError.invalidCombination("--drop-last: \(error)")
      case .statistics(_, let images, _):
        let advice =
          images < settings.batchSize && !settings.dropsLast
          ? "; --drop-last leaves a smaller last batch out" : ""
        return UsageError.invalidCombination("--batch: \(error)\(advice)")
      case .outputs: return UsageError.invalidCombination("--model: \(error)")
      case .shape, .pixels, .label, .tooFew, .otherRule, .otherLoss: return error
      }
    default: return error
    }
  }

  /// - Parameter history: what there is to say without a log.
  private func writeReport(
    of history: RunHistory?, on model: ModelFile, _ images: ImageSet, _ judged: JudgedEpoch.Images,
    _ console: Console
  ) throws {
    guard let path = options.settings.report else { return }
    let log = try options.settings.log.map { ($0, try RunHistory(contentsOf: $0)) }
    let own = history.map { (path: "this run", history: $0) }
    var report = RunReport([log ?? own].compactMap(\.self))
    let name = options.settings.output ?? "the trained model"
    let network = try TrainedNetwork(model, path: name, kernels: options.kernels)
    try report.add(network, path: name, on: images, judged, threads: options.threads)
    try report.write(to: path)
    try console.print("report written to \(path.onOneLine)")
  }

  /// The file that the run begins with.
  var initialWeights: String? { options.settings.initialWeights }

  /// A sweep of learning rates over the run's data, with its network.
  func sweep(
    _ rates: ClosedRange<Double>, steps: Int, _ console: Console
  ) throws -> RateSweep {
    var settings = options.settings
    let dataset = try DataOptions.load(settings, console, given: typed, requiring: .nothing)
    if given.string("model") == nil {
      settings.model = NetworkOptions.defaultModel(for: dataset.training.featureShape)
    }
    let done = Atomic(0)
    let bar = ProgressBar(console, label: "steps", total: steps) { done.load(ordering: .relaxed) }
    defer { bar.finish() }
    do {
      return try RateSweep(
        settings, architecture(settings, for: dataset), on: dataset, rates: rates, steps: steps,
        threads: options.threads, kernels: options.kernels,
        onStep: { done.add(1, ordering: .relaxed) })
    } catch {
      throw Self.explained(error, settings)
    }
  }

  /// Why a run failed, and what options may help.
  private struct RunFailure: Error, CustomStringConvertible { let description: String }

  /// The network that the options describe or, for a resumed run, the checkpoint's. A model file
  /// may have been edited since; if the command line names one, it must describe the checkpoint's
  /// network.
  private func architecture(
    _ settings: TrainingSettings, for dataset: Dataset
  ) throws -> Network {
    guard let checkpoint else { return try describedArchitecture(settings, for: dataset) }
    if let name = given.string("model"),
      try describedArchitecture(settings, for: dataset) != checkpoint.architecture
    {
      throw UsageError.invalidValue(
        option: "--model", expected: "the network of \(options.resumed ?? "")", found: name,
        suggestion: nil)
    }
    return checkpoint.architecture
  }

  private func describedArchitecture(
    _ settings: TrainingSettings, for dataset: Dataset
  ) throws -> Network {
    var architecture = try NetworkOptions.architecture(
      named: settings.model, input: dataset.training.featureShape,
      classes: dataset.classes)
    if let count = settings.frozenLayers {
      guard count < architecture.layers.count else {
        throw UsageError.invalidValue(
          option: "--freeze",
          expected: "a number below the network's \(architecture.layers.count) layers",
          found: "\(count)", suggestion: nil)
      }
      architecture = architecture.freezing(first: count)
    }
    guard let rate = settings.dropout else { return architecture }
    // In single precision a rate just below 1 would be 1.
    guard let dropped = architecture.withDropout(rate: min(Float(rate), Float(1).nextDown)) else {
      throw UsageError.invalidCombination(
        "--dropout: expected a network with a dropout or a dense layer, found none")
    }
    return dropped
  }
}
