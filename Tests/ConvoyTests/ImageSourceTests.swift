import Convoy
import ConvoyTestSupport
import Foundation
import Synchronization
import Testing

/// Images that are read when they are needed.
@Suite struct ImageSourceTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// What was asked for, and from which reading on it fails.
  private final class Requests: Sendable {
    let count = Mutex(0)
    let failsAfter: Int

    init(failsAfter: Int = .max) { self.failsAfter = failsAfter }

    func add() throws {
      let count = self.count.withLock {
        $0 += 1
        return $0
      }
      if count > failsAfter { throw Failure() }
    }
  }

  private struct Failure: Error, Equatable {}

  private struct Corners: ImageSource {
    var requests = Requests()
    var offset = 0

    func read(_ number: Int, into image: inout MutableSpan<UInt8>) throws {
      try requests.add()
      for (place, value) in Squares.pixels(number + offset).enumerated() { image[place] = value }
    }
  }

  private struct FloatCorners: ImageSource {
    var wrong: Float?

    func read(_ number: Int, into image: inout MutableSpan<Float>) {
      for (place, value) in Squares.pixels(number).enumerated() { image[place] = Float(value) }
      if number == 40, let wrong { image[63] = wrong }
    }
  }

  private static func samples(_ source: Corners, count: Int = 90) throws -> Samples {
    try Samples(
      from: source, shape: Squares.shape, labels: (0..<count).map { ($0 + source.offset) % 4 },
      classNames: Squares.names)
  }

  private static func training(
    on training: Samples, test: Samples? = nil, augmentation: Augmentation = .none
  ) throws -> Training {
    try Training(
      of: Squares.network, on: Squares.Data(training: training, test: test),
      with: .adam(learningRate: 0.02), batch: 16, augmentation: augmentation, seed: 3)
  }

  private func bytes(_ training: Training) throws -> Data {
    let path = directory.path + "/model"
    try training.model.write(to: path)
    return try Data(contentsOf: URL(filePath: path))
  }

  /// Augmented, mixed, held back and shuffled as the same images in memory.
  @Test(arguments: Shuffle.allCases)
  func theyTrainAsImagesInMemory(shuffle: Shuffle) async throws {
    var files: Set<Data> = []
    var scores: [Score?] = []
    for isRead in [false, true] {
      let requests = Requests()
      let images = try isRead ? Self.samples(Corners(requests: requests)) : Squares.samples(0..<90)
      let test =
        try isRead ? Self.samples(Corners(offset: 110), count: 30) : Squares.samples(110..<140)
      var training = try Self.training(
        on: images, test: test, augmentation: Augmentation("flip,crop:1"))
      training.settings.mixing = try Mixing(.cutmix, alpha: 1)
      training.settings.validation.fraction = 0.2
      training.settings.shuffle = shuffle
      #expect(requests.count.withLock { $0 } == 0)
      for try await epoch in training.epochs(4) { scores.append(epoch.validation) }
      if isRead { #expect(requests.count.withLock { $0 } >= 4 * 90) }
      let model = try training.model
      scores.append(try model.evaluate(on: test))
      #expect(try model.scores(of: test) == model.scores(of: Squares.samples(110..<140)))
      files.insert(try bytes(training))
    }
    #expect(files.count == 1 && scores.prefix(5) == scores.suffix(5))
  }

  @Test func theyMayBeFloats() async throws {
    let labels = (0..<90).map { $0 % 4 }
    let read = try Samples(from: FloatCorners(), shape: Squares.shape, labels: labels)
    let kept = try Samples(
      images: (0..<90).flatMap { read.values(of: $0) }, shape: Squares.shape, labels: labels)
    #expect(read.areFloats && read == kept)
    var files: Set<Data> = []
    for samples in [read, kept] {
      var training = try Self.training(on: samples)
      for try await _ in training.epochs(2) {}
      files.insert(try bytes(training))
    }
    #expect(files.count == 1)
    for wrong in [Float.nan, .infinity] {
      let samples = try Samples(
        from: FloatCorners(wrong: wrong), shape: Squares.shape, labels: labels)
      var training = try Self.training(on: samples)
      let epochs = training.epochs(1)
      await #expect(throws: DataError.value(image: 40, found: "\(wrong)")) {
        for try await _ in epochs {}
      }
    }
  }

  /// Before the first step and in any later one, the error is the source's, and the checkpoint has
  /// seen whole images only.
  @Test(arguments: [0, 89, 200, 350, 450, 500, 600])
  func aFailureEndsTheRun(after readings: Int) async throws {
    let path = directory.path + "/run.ckpt"
    var training = try Self.training(
      on: Self.samples(Corners(requests: Requests(failsAfter: readings))),
      test: Squares.samples(110..<140))
    training.checkpoint = path
    training.settings.checkpointing = .steps(2)
    let epochs = training.epochs(6)
    await #expect(throws: Failure()) { for try await _ in epochs {} }
    // Digest, mean and edges take 270 readings, the first checkpoint 32 more.
    guard readings >= 350 else { return }
    var resumed = try Training(
      resuming: path,
      on: Squares.Data(training: Self.samples(Corners()), test: Squares.samples(110..<140)))
    for try await _ in resumed.epochs() {}
    var whole = try Self.training(
      on: Squares.samples(0..<90), test: Squares.samples(110..<140))
    for try await _ in whole.epochs(6) {}
    #expect(try bytes(resumed) == bytes(whole))
  }

  @Test func aFailureEndsAnEvaluation() async throws {
    var training = try Self.training(on: Squares.samples(0..<90))
    for try await _ in training.epochs(1) {}
    let model = try training.model
    func samples() throws -> Samples {
      try Self.samples(Corners(requests: Requests(failsAfter: 20)))
    }
    #expect(throws: Failure()) { try model.evaluate(on: samples()) }
    #expect(throws: Failure()) { try model.scores(of: samples()) }
    var judged = try Self.training(
      on: Squares.samples(0..<90),
      test: Self.samples(Corners(requests: Requests(failsAfter: 50)), count: 30))
    let epochs = judged.epochs(6)
    var count = 0
    do { for try await _ in epochs { count += 1 } } catch is Failure {}
    #expect(count == 1)
  }

  @Test func samplesAreChecked() throws {
    func samples(_ shape: FeatureShape, _ labels: [Int]) throws -> Samples {
      try Samples(from: Corners(), shape: shape, labels: labels)
    }
    #expect(throws: DataError.tooFew("image", found: 0)) { try samples(Squares.shape, []) }
    #expect(throws: DataError.self) { try samples(Squares.shape, [-1]) }
    let side = 1 << 20
    #expect(throws: DataError.self) {
      try samples(FeatureShape(channels: side, height: side, width: side), [0, 1, 2, 3])
    }
  }
}
