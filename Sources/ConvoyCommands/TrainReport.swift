import ConvoyDatasets
import ConvoyFigures
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyStrictJSON
import ConvoyTerminal
import ConvoyTraining
import Synchronization

/// What a training run prints: what is trained, a row per epoch, and the result.
final class TrainReport: RunObserver {
  /// What is shown of a run.
  enum Shown {
    case epochs
    /// One of several runs, and what stands before its epochs' numbers; the first says what is trained
    /// on what.
    case progress(label: String, isFirst: Bool)
    case results
  }

  private let console: Console
  private let shown: Shown
  let warmUpEpochs: Double
  /// The share of the steps after them in which the rate rises, as `LearningRateSchedule.oneCycle` has it.
  let risingShare: Double
  private var hasAdvised = false
  /// The loss of guessing by the labels' frequencies; nil where losses mean something else.
  let guessingLoss: Double?
  /// Whether an average of the weights is judged.
  let isAveraged: Bool
  private(set) var last: JudgedEpoch?
  /// The epoch of the best accuracy.
  private(set) var best: JudgedEpoch?
  private(set) var run: TrainingRun?
  private var epochs: [RunHistory.Epoch] = []
  private let board: TensorBoardLog?
  /// Those that TensorBoard does not have yet.
  private let steps = StepRecord()
  /// Whether results can still be printed; asked from any thread.
  let output = OutputState()

  /// - Parameter board: gets the results for TensorBoard, if there is one.
  init(
    _ settings: TrainingSettings, labels: [UInt16], showing shown: Shown,
    board: TensorBoardLog? = nil, console: Console
  ) {
    self.shown = shown
    warmUpEpochs = settings.schedule.warmUpEpochs
    risingShare = settings.schedule.name == .oneCycle ? 0.3 : 0
    self.console = console
    self.board = board
    let isPlain =
      settings.loss == .crossEntropy && settings.labelSmoothing == 0
      && settings.classWeights == nil && settings.mixing == nil
    isAveraged = settings.averaging != .none
    guessingLoss = isPlain ? Self.entropy(of: labels) : nil
  }

  func begin(_ run: TrainingRun, _ options: TrainOptions) throws {
    let (dataset, plan) = (run.dataset, run.setup.plan)
    self.run = run
    switch shown {
    case .epochs, .progress(_, isFirst: true): break
    case .results, .progress: return
    }
    let parts = [
      (dataset.training.count, "training"), (run.validation?.count ?? 0, "validation"),
      (dataset.test.count, "test"),
    ].filter { $0.0 > 0 }.map { "\(Figures.grouped($0)) \($1)" }
    let trained =
      plan.trainedParameterCount < plan.parameterCount
      ? ", \(Figures.grouped(plan.trainedParameterCount)) of them trained" : ""
    try console.print(
      parts.dropLast().joined(separator: ", ") + " and \(parts[parts.count - 1]) images of "
        + "\(plan.inputShape), \(Figures.grouped(plan.classes)) classes")
    try console.print(
      "\(Figures.grouped(plan.parameterCount)) parameters\(trained); "
        + (run.ranks.size > 1 ? "\(run.ranks.size) processes, in this one " : "")
        + Self.threads(run.setup.trainer.threads, requested: options.threads)
        + ", \(options.kernels.instructionSet.rawValue)"
        + (options.settings.precision == .fp32 ? "" : ", \(options.settings.precision.rawValue)"))
    for note in notes(on: run, options) { try console.print(note.onOneLine) }
    if let path = options.resumed {
      let step = run.setup.trainer.stepNumber
      try console.print(
        run.hadEnded
          ? "the run of \(path.onOneLine) has ended after step \(step)"
            + (run.mayBeProlonged ? "; more --epochs prolong it" : "")
          : "resuming after step \(step) from \(path.onOneLine)")
    }
    if let path = run.lostLog {
      try console.print("\(path.onOneLine) is missing; starting a new log")
    }
    let steps = run.settings.allSteps(anEpoch: run.setup.trainer.stepsAnEpoch)
    if let advice = Self.advice(on: run.settings.averaging, steps: steps) {
      console.error(advice + "\n")
    }
  }

  var onStep: (@Sendable (TrainedStep) -> Void)? {
    guard board != nil else { return nil }
    return { [steps] in steps.add($0) }
  }

  /// If the board cannot be written, the steps are kept for the end of the epoch, which reports the error.
  func willSave() {
    let taken = steps.take()
    do { try board?.add(taken) } catch { steps.putBack(taken) }
  }

  /// What an epoch that does not end has trained is on the board too.
  func duringEpoch(_ epoch: EpochWatch, _ body: () throws -> Void) throws {
    let training = Result { try showProgress(of: epoch, during: body) }
    let writing = Result { try board?.add(steps.take()) }
    try training.get()
    try writing.get()
  }

  private func showProgress(of epoch: EpochWatch, during body: () throws -> Void) throws {
    let label: String
    switch shown {
    case .epochs: label = ""
    case .progress(let own, _): label = own
    case .results:
      try body()
      return
    }
    let before = epoch.samples.seen
    let bar = ProgressBar(
      console, label: label + "\(epoch.number)/\(epoch.epochs)", total: epoch.steps,
      later: epoch.laterSteps,
      details: { seconds in
        let (seen, correct) = epoch.samples
        return Self.details(
          epoch.losses, accuracy: Double(correct) / Double(max(1, seen)),
          samplesPerSecond: Double(seen - before) / seconds)
      }, done: { epoch.stepsDone })
    defer { bar.finish() }
    try body()
  }

  /// The mean loss so far, the accuracy, the speed and a curve of the loss, or fewer of them.
  static func details(
    _ losses: [Float], accuracy: Double, samplesPerSecond: Double
  ) -> [String] {
    guard !losses.isEmpty else { return [] }
    let mean = losses.reduce(0) { $0 + Double($1) } / Double(losses.count)
    let loss = "  loss \(Figures.loss(mean))"
    let share = loss + "  " + Figures.percent(accuracy)
    let rate = share + "  " + Figures.rate(samplesPerSecond)
    return [32, 8].map { "\(rate)  \(Sparkline.text(losses, columns: $0))" } + [rate, share, loss]
  }

  func epochEnded(_ epoch: JudgedEpoch, of epochs: Int) throws {
    let isFirst = last == nil
    last = epoch
    if best.map({ epoch.evaluation.accuracy > $0.evaluation.accuracy }) ?? true { best = epoch }
    if let run { self.epochs.append(RunHistory.Epoch(epoch, of: run)) }
    try addToBoard(epoch)
    guard case .epochs = shown else { return }
    let (metrics, evaluation) = (epoch.metrics, epoch.evaluation)
    if isFirst { try show(Self.table(judgedOn: epoch.images, of: epochs).header) }
    try show(
      Self.table(judgedOn: epoch.images, of: epochs).line([
        "\(epoch.number)/\(epochs)", Figures.loss(metrics.loss), Figures.percent(metrics.accuracy),
        Figures.percent(evaluation.accuracy), Figures.loss(evaluation.loss),
        Figures.seconds(metrics.seconds), Figures.wholeRate(metrics.samplesPerSecond),
      ]))
    if !hasAdvised, let advice = advice(on: epoch) {
      hasAdvised = true
      console.error(advice + "\n")
    }
  }

  /// Prints a line while the run goes on. That nobody reads it is no error: the run is asked to end
  /// between two steps, as by a signal.
  private func show(_ line: String) throws {
    do { try console.print(line) } catch is ClosedOutput { output.close() }
  }

  private func addToBoard(_ epoch: JudgedEpoch) throws {
    guard let board else { return }
    let images = epoch.images.rawValue
    try board.add(
      [
        ("loss/training", epoch.metrics.loss), ("accuracy/training", epoch.metrics.accuracy),
        ("loss/\(images)", epoch.evaluation.loss),
        ("accuracy/\(images)", epoch.evaluation.accuracy),
        ("samples per second", epoch.metrics.samplesPerSecond),
      ], step: epoch.lastStep)
  }

  /// The columns of epochs, which are judged on test or validation images.
  private static func table(judgedOn images: JudgedEpoch.Images, of epochs: Int) -> TextTable {
    TextTable(
      columns: [
        .right("epoch", width: "\(epochs)/\(epochs)".count), .right("loss", width: 6),
        .right("train", width: 7),
      ] + columns(judgedOn: images) + [.right("time", width: 8), .right("samples/s")])
  }

  /// Those of accuracy and loss.
  static func columns(judgedOn images: JudgedEpoch.Images) -> [TextTable.Column] {
    let name = images == .test ? "test" : "valid"
    return [.right(name, width: 7), .right("\(name) loss")]
  }

  func stoppedEarly(after epoch: Int, best: EpochScore) throws {
    guard case .epochs = shown else { return }
    try show("stopped after epoch \(epoch): no improvement since epoch \(best.epoch)")
  }

  /// What a log of these epochs would say; it has no steps.
  func history(_ result: RunResult, _ options: TrainOptions) -> RunHistory? {
    run.map { run in
      RunHistory(
        run, options: run.settings.options,
        instructionSet: options.kernels.instructionSet, epochs: epochs, result)
    }
  }

  func end(_ result: RunResult, output: String?) throws {
    if let kept = result.keptEpoch {
      try console.print(
        "kept epoch \(kept.epoch): validation accuracy \(Figures.percent(kept.accuracy)), "
          + "loss \(Figures.loss(kept.loss))")
    }
    if let run {
      if let test = result.test {
        try console.print(Self.summary(of: test, on: .test, count: run.dataset.test.count))
      } else if case .results = shown, result.keptEpoch == nil, let last {
        let images = last.images == .test ? run.dataset.test : run.validation
        try console.print(
          Self.summary(of: last.evaluation, on: last.images, count: images?.count ?? 0))
      }
    }
    if let advice = sameAnswer(result) ?? betterEpoch(result) {
      console.error(advice.onOneLine + "\n")
    }
    if let output { try console.print("model written to \(output.onOneLine)") }
    try console.print("weights CRC-32 \(result.model.weights.fingerprint)")
  }

  /// - Parameter count: of the images.
  static func summary(
    of evaluation: Evaluation, on images: JudgedEpoch.Images, count: Int
  ) -> String {
    "\(images.rawValue) accuracy \(Figures.percent(evaluation.accuracy)), "
      + "loss \(Figures.loss(evaluation.loss)) on \(Figures.grouped(count)) images"
  }
}

/// Whether the reader of the results has closed them.
final class OutputState: Sendable {
  private let closed = Atomic(false)

  var isClosed: Bool { closed.load(ordering: .relaxed) }

  func close() { closed.store(true, ordering: .relaxed) }
}

/// Steps as they are taken, one after another, from any thread.
private final class StepRecord: Sendable {
  private let steps = Mutex([TrainedStep]())

  func add(_ step: TrainedStep) { steps.withLock { $0.append(step) } }

  func putBack(_ taken: [TrainedStep]) { steps.withLock { $0 = taken + $0 } }

  /// All since the last call.
  func take() -> [TrainedStep] {
    steps.withLock { steps in
      defer { steps = [] }
      return steps
    }
  }
}
