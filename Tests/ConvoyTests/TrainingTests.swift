import Convoy
import ConvoyTestSupport
import Foundation
import Synchronization
import Testing

/// Training from a program.
@Suite struct TrainingTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func training(
    validation: Bool = false, test: Bool = true, threads: Int = 2
  ) throws -> Training {
    var training = try Training(
      of: Squares.network, on: Squares.data(validation: validation, test: test),
      with: .adamW(learningRate: 0.02), batch: 16, augmentation: Augmentation("translate:0.1"),
      seed: 3)
    training.threads = threads
    return training
  }

  private func bytes(_ training: Training) throws -> Data {
    let path = directory.path + "/" + "model"
    try training.model.write(to: path)
    return try Data(contentsOf: URL(filePath: path))
  }

  @Test func learnsWithTheSameBytesOnAnyThreads() async throws {
    var files: Set<Data> = []
    for threads in 1...3 {
      var training = try training(threads: threads)
      var epochs: [Epoch] = []
      for try await epoch in training.epochs(6) { epochs.append(epoch) }
      #expect(
        epochs.map(\.number) == Array(1...6) && epochs.map(\.steps) == [6, 12, 18, 24, 30, 36])
      #expect(epochs.allSatisfy { $0.validation == nil && $0.test != nil })
      let score = try #require(epochs.last?.test)
      #expect(score.accuracy > 0.9)
      #expect(try training.model.evaluate(on: Squares.samples(110..<140)) == score)
      files.insert(try bytes(training))
    }
    #expect(files.count == 1)
  }

  /// Between two epochs nothing runs: the model is that of the last one.
  @Test func aBreakPausesTheRun() async throws {
    var training = try training()
    let all = training.epochs(4)
    var scores: [Score?] = []
    for try await epoch in all {
      let model = try training.model
      #expect(try model.evaluate(on: Squares.samples(110..<140)) == epoch.test)
      scores.append(epoch.test)
      if epoch.number == 2 { break }
    }
    for try await epoch in all { scores.append(epoch.test) }
    var whole: [Score?] = []
    for try await epoch in training.epochs(4) { whole.append(epoch.test) }
    #expect(scores == whole && whole.count == 4)
  }

  @Test func aCancelledRunIsResumedToTheSameBytes() async throws {
    let path = directory.path + "/" + "run.ckpt"
    var whole = try training()
    for try await _ in whole.epochs(5) {}

    let steps = Mutex<[Int]>([])
    let cut = try training()
    let task = Task {
      var cut = cut
      cut.checkpoint = path
      for try await _ in cut.epochs(
        5,
        onStep: { step in
          let count = steps.withLock {
            $0.append(step.number)
            return $0.count
          }
          if count == 9 { withUnsafeCurrentTask { $0?.cancel() } }
        })
      {}
    }
    // Steps are taken on another thread than the task's.
    while steps.withLock({ $0.count }) < 8 { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let done = steps.withLock { $0 }
    #expect(done == Array(1...done.count))

    var resumed = try Training(resuming: path, on: Squares.data())
    #expect(resumed.network == Squares.network && resumed.settings.batchSize == 16)
    for try await _ in resumed.epochs(onStep: { step in steps.withLock { $0.append(step.number) } })
    {}
    #expect(steps.withLock { $0 } == Array(1...30))
    #expect(try bytes(resumed) == bytes(whole))
  }

  private struct Descent: Optimizer {
    let name = "descent"
    let momentNames: [String] = []
    let learningRate = 0.05

    func update(_ block: borrowing UpdateBlock) {
      let rate = Float(block.learningRate)
      block.updateEach { parameter, gradient, _ in parameter -= rate * gradient }
    }
  }

  /// One's own rule is clipped, scheduled and resumed as any other.
  @Test func anOwnRuleUpdates() async throws {
    let path = directory.path + "/own.ckpt"
    func training(_ rule: (any Optimizer)?, epochs: Int) async throws -> Training {
      var training = try Training(
        of: Squares.network, on: Squares.data(), with: .sgd(learningRate: 0.05), batch: 16)
      training.settings.schedule = ScheduleSettings(name: .cosine)
      training.settings.clipNorm = 0.5
      training.ownRule = rule
      if rule != nil { training.checkpoint = path }
      let all = training.epochs(3)
      let task = Task {
        for try await epoch in all where epoch.number == epochs {
          if epochs < 3 { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }
      do { try await task.value } catch is CancellationError { #expect(epochs < 3) }
      return training
    }
    let plain = try await bytes(training(nil, epochs: 3))
    #expect(try await bytes(training(Descent(), epochs: 3)) == plain)
    _ = try await training(Descent(), epochs: 1)
    var resumed = try Training(resuming: path, on: Squares.data())
    let alone = resumed.epochs()
    await #expect(throws: ConvoyError.self) { for try await _ in alone {} }
    resumed.ownRule = Descent()
    for try await _ in resumed.epochs() {}
    #expect(try bytes(resumed) == plain)
  }

  /// The suggested rate learns, and nothing else of the training has changed.
  @Test func aRateIsFound() async throws {
    var training = try training()
    training.settings.optimizer.learningRate = 1e-6
    let before = training.settings
    let search = try await training.findRate(steps: 120)
    #expect(training.settings == before)
    #expect(zip(search.steps, search.steps.dropFirst()).allSatisfy { $0.rate < $1.rate })
    let rate = try #require(search.suggestion)
    #expect(rate > 1e-5 && rate < 1)
    training.settings.optimizer.learningRate = rate
    for try await epoch in training.epochs(8) where epoch.number == 8 {
      #expect(try #require(epoch.test).accuracy > 0.9)
    }
    await #expect(throws: SettingsError.self) { try await training.findRate(in: 0...1) }
    await #expect(throws: SettingsError.self) { try await training.findRate(steps: 1) }
    let endless = training
    let task = Task { try await endless.findRate(in: 1e-12...1e-11, steps: 5_000) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func validationComesBeforeTests() async throws {
    var training = try training(validation: true)
    training.settings.validation = ValidationSettings(patience: 2, keep: .best)
    var epochs: [Epoch] = []
    for try await epoch in training.epochs(40) {
      #expect(training.result == nil)
      epochs.append(epoch)
    }
    #expect(epochs.allSatisfy { $0.validation != nil && $0.test == nil })
    #expect(epochs.count < 40)
    let best = epochs.compactMap(\.validation).max {
      ($0.accuracy, -$0.loss) < ($1.accuracy, -$1.loss)
    }
    #expect(try training.model.evaluate(on: Squares.samples(90..<110)) == best)
    let result = try #require(training.result)
    #expect(result.keptEpoch == epochs.first { $0.validation == best }?.number)
    #expect(try result.test == training.model.evaluate(on: Squares.samples(110..<140)))

    var alone = try self.training(test: false)
    for try await epoch in alone.epochs(2) { #expect(epoch.test == nil && epoch.validation == nil) }
    #expect(alone.result?.keptEpoch == nil && alone.result != nil && alone.result?.test == nil)
    alone.log = directory.path + "/" + "log"
    let epochs2 = alone.epochs(1)
    await #expect(throws: SettingsError.self) { for try await _ in epochs2 {} }
  }

  @Test func whatCannotBeTrainedIsAnError() async throws {
    let data = try Squares.data()
    let ten = Network {
      Flatten()
      Dense(10)
    }
    #expect(throws: ConvoyError.self) { try Training(of: ten, on: data) }
    #expect(throws: NetworkError.self) { try Training(of: Network { Dense(4) }, on: data) }
    #expect(throws: HyperparameterError.self) {
      try Training(of: Squares.network, on: data, with: .adam(learningRate: -1))
    }
    #expect(throws: SettingsError.self) { try Training(of: Squares.network, on: data, batch: 0) }
    let untrained = try training()
    #expect(throws: ModelError.untrained) { try untrained.model }
    // Rates that make numbers grow without bound.
    var wild = try Training(
      of: Network {
        Flatten()
        Dense(4)
        Scale(factor: 1e20)
      }, on: data, with: .sgd(learningRate: 1e20))
    let epochs = wild.epochs(2)
    await #expect(throws: NonFiniteError.self) { for try await _ in epochs {} }
    // The error stays, and is thrown once to each loop.
    var again = epochs.makeAsyncIterator()
    await #expect(throws: NonFiniteError.self) { try await again.next() }
    #expect(try await again.next() == nil)
  }

  private static let wrong: [(String, @Sendable (inout TrainingSettings) -> Void)] = [
    ("epochs", { $0.epochs = 0 }), ("steps", { $0.steps = 0 }),
    ("batchSize", { $0.batchSize = -1 }), ("labelSmoothing", { $0.labelSmoothing = 1 }),
    ("schedule.warmUpEpochs", { $0.schedule.warmUpEpochs = .nan }),
    ("checkpointing", { $0.checkpointing = .steps(0) }),
    ("averaging", { $0.averaging = .exponential(decay: 2) }),
    ("averaging", { $0.averaging = .lookahead(steps: 0, rate: 0.5) }),
    ("validation.fraction", { $0.validation.fraction = .nan }),
    ("validation.fraction", { $0.validation.fraction = 0.1 }),
    ("validation.patience", { $0.validation.patience = 0 }),
    ("biasRateFactor", { $0.biasRateFactor = .infinity }),
    ("classWeights", { $0.classWeights = .listed([1, -1, 1, 1]) }),
    ("classWeights", { $0.classWeights = .listed([0, 0, 0, 0]) }),
    (
      "mixing",
      {
        $0.mixing = try? Mixing(.mixup, alpha: 0.2)
        $0.loss = .hinge
      }
    ),
  ]

  @Test(arguments: wrong.indices)
  func wrongSettingsAreErrors(number: Int) async throws {
    var training = try training(validation: true)
    Self.wrong[number].1(&training.settings)
    let epochs = training.epochs()
    let error = await #expect(throws: SettingsError.self) { for try await _ in epochs {} }
    #expect(error?.setting == Self.wrong[number].0)
  }

  @Test func theBestEpochNeedsValidation() async throws {
    var training = try training()
    training.settings.validation.keep = .best
    let epochs = training.epochs(1)
    await #expect(throws: SettingsError.self) { for try await _ in epochs {} }
  }

  /// A label beyond the outputs, in any part.
  @Test func labelsHaveOutputs() throws {
    func samples(_ label: Int) throws -> Samples {
      try Samples(
        images: Squares.pixels(0) + Squares.pixels(1), shape: Squares.shape, labels: [0, label])
    }
    let right = try samples(3)
    for data in try [
      Squares.Data(training: right, validation: samples(9)),
      Squares.Data(training: right, test: samples(9)), Squares.Data(training: samples(9)),
    ] {
      #expect(throws: ConvoyError.self) { try Training(of: Squares.network, on: data) }
    }
  }

  /// A new run waits for the files of the one before.
  @Test func runsOfOneCheckpointFollowEachOther() async throws {
    var training = try training()
    training.checkpoint = directory.path + "/run.ckpt"
    for try await _ in training.epochs(3) { break }
    for try await _ in training.epochs(3) { break }
    let epochs = training.epochs(3)
    for try await _ in epochs { break }
    await epochs.stop()
    var resumed = try Training(resuming: directory.path + "/run.ckpt", on: Squares.data())
    var numbers: [Int] = []
    for try await epoch in resumed.epochs() { numbers.append(epoch.number) }
    #expect(numbers == [2, 3])
    var whole = try self.training()
    for try await _ in whole.epochs(3) {}
    #expect(try bytes(resumed) == bytes(whole))
  }

  /// Another last layer is drawn, the rest begins where the model was: at a rate near zero it stays.
  @Test func trainingBeginsWithAModel() async throws {
    var first = try training()
    for try await _ in first.epochs(4) {}
    let model = try first.model
    var again = try Training(
      of: Squares.network, on: Squares.data(), from: model, with: .sgd(learningRate: 1e-12))
    again.settings.normalization = first.settings.normalization
    var loss = Double.infinity
    for try await epoch in again.epochs(1) { loss = epoch.test?.loss ?? loss }
    // Running estimates of the normalisation move.
    let own = try model.evaluate(on: Squares.samples(110..<140)).loss
    #expect(abs(loss - own) < 0.2)
    var drawn = try Training(
      of: Squares.network, on: Squares.data(), with: .sgd(learningRate: 1e-12))
    for try await epoch in drawn.epochs(1) { #expect((epoch.test?.loss ?? 0) > own + 0.4) }
  }
}
