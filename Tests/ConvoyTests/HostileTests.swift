import Convoy
import ConvoyTestSupport
import Foundation
import Synchronization
import Testing

/// Values that no program should give, and uses that few programs have: errors, never traps or hangs.
@Suite struct HostileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func training(_ network: Network = Squares.network) throws -> Training {
    try Training(of: network, on: Squares.data(), with: .adam(learningRate: 0.02), batch: 16)
  }

  private static let sizes = [Int.min, -1, 0, 1 << 40, .max]

  @Test(arguments: sizes)
  func sizesOfLayersAreErrors(_ size: Int) {
    let networks = [
      Network {
        Convolution(filters: size, kernelSize: 3)
        Flatten()
        Dense(4)
      },
      Network {
        Convolution(filters: 4, kernelSize: Pair(size, 1))
        Flatten()
        Dense(4)
      },
      Network {
        Convolution(filters: 4, kernelSize: 3, stride: Pair(size))
        Flatten()
        Dense(4)
      },
      Network {
        Convolution(filters: 4, kernelSize: 1, padding: .zeros(Pair(size == 0 ? -1 : size)))
        Flatten()
        Dense(4)
      },
      Network {
        Convolution(filters: 4, kernelSize: 3, dilation: Pair(size))
        Flatten()
        Dense(4)
      },
      Network {
        Convolution(filters: 4, kernelSize: 3, groups: size)
        Flatten()
        Dense(4)
      },
      Network {
        MaxPooling(Pair(size))
        Flatten()
        Dense(4)
      },
      Network {
        GroupNormalization(groups: size)
        Flatten()
        Dense(4)
      },
      Network {
        Flatten()
        Dense(size)
      },
    ]
    for network in networks {
      #expect(throws: NetworkError.self, "\(network)") {
        try Training(of: network, on: Squares.data())
      }
      #expect(throws: NetworkError.self, "\(network)") {
        try network.summary(input: Squares.shape)
      }
    }
  }

  @Test(arguments: sizes)
  func shapesAreErrors(_ size: Int) throws {
    for shape in [
      FeatureShape(channels: size, height: 8, width: 8),
      FeatureShape(channels: 1, height: size, width: 8),
      FeatureShape(channels: 1, height: 8, width: size),
      FeatureShape(channels: size, height: size, width: size), FeatureShape(features: size),
    ] {
      #expect(throws: NetworkError.self) { try Squares.network.summary(input: shape) }
      #expect(throws: DataError.self) {
        try Samples(images: Squares.pixels(0), shape: shape, labels: [0])
      }
      #expect(throws: DataError.self) {
        try Samples(images: [Float](repeating: 0, count: 64), shape: shape, labels: [0])
      }
    }
    #expect(throws: DataError.self) {
      try Image(width: size, height: size, channels: 1, pixels: [1])
    }
    #expect(throws: DataError.unsuitable(expected: "different class names", found: "'a' twice")) {
      try Samples(
        images: Squares.pixels(0), shape: Squares.shape, labels: [0], classNames: ["a", "b", "a"])
    }
    #expect(throws: DataError.self) {
      try Image(width: 1, height: 1, channels: size, pixels: [1])
    }
  }

  @Test func extremeSettingsAreErrorsOrWork() async throws {
    var whole = try training()
    whole.settings.batchSize = .max
    whole.threads = .max
    for try await epoch in whole.epochs(1) { #expect(epoch.steps == 1) }
    var long = try training()
    let epochs = long.epochs(.max)
    for try await epoch in epochs where epoch.number == 2 { break }
    await epochs.stop()
    for schedule in ScheduleSettings.Name.allCases {
      var scheduled = try training()
      scheduled.settings.schedule.name = schedule
      if schedule == .linear {
        scheduled.settings.schedule.points = [
          SchedulePoint(at: 0, factor: 1), SchedulePoint(at: 1, factor: 0),
        ]
      }
      let epochs = scheduled.epochs(.max)
      for try await _ in epochs { break }
      await epochs.stop()
    }
    for threads in [0, -1, Int.min] {
      var wrong = try training()
      wrong.threads = threads
      let epochs = wrong.epochs(1)
      await #expect(throws: SettingsError.self) { for try await _ in epochs {} }
    }
    for rate in [Double.nan, .infinity, -1, .leastNonzeroMagnitude] {
      var wrong = try training()
      wrong.settings.optimizer.learningRate = rate
      let epochs = wrong.epochs(1)
      if rate == .leastNonzeroMagnitude {
        for try await _ in epochs {}
      } else {
        await #expect(throws: HyperparameterError.self) { for try await _ in epochs {} }
      }
    }
    var clipped = try training()
    clipped.settings.clipNorm = .nan
    let none = clipped.epochs(1)
    await #expect(throws: HyperparameterError.self) { for try await _ in none {} }
  }

  /// A number that its rule or schedule ignores would be in every checkpoint, and JSON has no NaN.
  @Test func ignoredNumbersAreFinite() async throws {
    var momentum = try training()
    momentum.settings.optimizer.momentum = .nan
    var points = try training()
    points.settings.schedule.points = [SchedulePoint(at: 0, factor: .infinity)]
    for training in [momentum, points] {
      var training = training
      training.checkpoint = directory.path + "/run"
      let epochs = training.epochs(1)
      await #expect(throws: SettingsError.self) { for try await _ in epochs {} }
    }
  }

  /// A resumed run takes any number of epochs, as a new one does.
  @Test func aResumedRunIsAsLongAsAnyOther() async throws {
    var first = try training()
    let checkpoint = directory.path + "/run"
    first.checkpoint = checkpoint
    for try await _ in first.epochs(1) {}
    var long = try Training(resuming: checkpoint, on: Squares.data())
    let epochs = long.epochs(.max)
    for try await epoch in epochs {
      #expect(epoch.number == 2)
      break
    }
    await epochs.stop()
  }

  /// Files of one run that are the same file.
  @Test func aLogIsNoCheckpoint() async throws {
    var training = try training()
    training.checkpoint = directory.path + "/run"
    training.log = directory.path + "/run"
    let epochs = training.epochs(2)
    await #expect(throws: SettingsError.self) { for try await _ in epochs {} }
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/run"))
  }

  @Test func twoRunsOfOneCheckpointAreAnError() async throws {
    var (one, other) = (try training(), try training())
    (one.checkpoint, other.checkpoint) = (directory.path + "/run", directory.path + "/run")
    let epochs = one.epochs(3)
    for try await _ in epochs { break }
    let second = other.epochs(1)
    let error = await #expect(throws: ConvoyError.self) { for try await _ in second {} }
    #expect(error?.kind == .file)
    await epochs.stop()
    let third = other.epochs(1)
    for try await _ in third {}
  }

  @Test func twoTrainingsSideBySide() async throws {
    let (one, other) = (try training(), try training())
    async let first = Self.loss(one)
    async let second = Self.loss(other)
    let losses = try await [first, second]
    #expect(losses[0] == losses[1])
  }

  private static func loss(_ training: Training) async throws -> Double {
    var training = training
    var loss = 0.0
    for try await epoch in training.epochs(5) { loss = epoch.loss }
    return loss
  }

  /// Every epoch goes to one of them.
  @Test func twoTasksAskForEpochs() async throws {
    var training = try training()
    let epochs = training.epochs(9)
    let numbers = try await withThrowingTaskGroup(of: [Int].self) { group in
      for _ in 0..<3 {
        group.addTask {
          var numbers: [Int] = []
          for try await epoch in epochs { numbers.append(epoch.number) }
          return numbers
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(numbers.sorted() == Array(1...9))
  }

  @Test func runsEndWheneverTheyAreStopped() async throws {
    var training = try training()
    let never = training.epochs(3)
    await never.stop()
    await never.stop()
    await #expect(throws: CancellationError.self) { for try await _ in never {} }
    let cancelled = training.epochs(1_000)
    let task = Task { for try await _ in cancelled {} }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    // A run whose epochs nobody can ask for any more.
    for _ in 0..<20 {
      var dropped = try self.training()
      for try await _ in dropped.epochs(1_000) { break }
    }
  }

  @Test func oneImageOneClassOnePixel() async throws {
    let shape = FeatureShape(channels: 1, height: 1, width: 1)
    let one = try Samples(images: [200], shape: shape, labels: [0])
    var training = try Training(
      of: Network {
        Flatten()
        Dense(1)
      }, on: one)
    for try await epoch in training.epochs(2) { #expect(epoch.loss == 0 && epoch.accuracy == 1) }
    let model = try training.model
    let image = try Image(
      width: 3, height: 2, channels: 3, pixels: [UInt8](repeating: 1, count: 18))
    #expect(try model.classify(image).answers.count == 1)
    Self.predictNothing(model)
    let many = try Samples(images: [1, 2], shape: shape, labels: [0, 65_535])
    #expect(throws: ConvoyError.self) {
      try Training(
        of: Network {
          Flatten()
          Dense(65_535)
        }, on: many)
    }
    #expect(throws: DataError.self) {
      try Samples(images: [1, 2], shape: shape, labels: [0, 65_536])
    }
    #expect(throws: NetworkError.self) { try Training(of: Network {}, on: many) }
  }

  private static func predictNothing(_ model: Model) {
    let pixels: [UInt8] = []
    var scores: [Float] = []
    var span = scores.mutableSpan
    model.predict(pixels.span, into: &span)
  }
}
