import Convoy
import ConvoyTestSupport
import Foundation
import Testing

/// Samples of floats, in ranges that bytes do not have.
@Suite struct FloatTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Two channels: the squares, and the same far from zero and dim.
  private static let shape = FeatureShape(channels: 2, height: 8, width: 8)

  private static func values(_ number: Int) -> [Float] {
    Squares.pixels(number).flatMap { pixel -> [Float] in
      let value = Float(pixel)
      return [value * 1e-3 - 0.1, 5_000 + value / 64]
    }
  }

  private static func samples(_ numbers: Range<Int>) throws -> Samples {
    try Samples(
      images: numbers.flatMap(values), shape: shape, labels: numbers.map { $0 % 4 },
      classNames: Squares.names)
  }

  private static func data() throws -> Squares.Data {
    Squares.Data(training: try samples(0..<90), test: try samples(110..<140))
  }

  private static func training(on data: Squares.Data) throws -> Training {
    try Training(of: Squares.network, on: data, with: .adam(learningRate: 0.02), batch: 16, seed: 3)
  }

  private static func scores(_ numbers: Range<Int>, _ model: Model) -> [Float] {
    let values = numbers.flatMap(values)
    var scores = [Float](repeating: 0, count: numbers.count * model.classes)
    var span = scores.mutableSpan
    model.predict(values.span, into: &span)
    return scores
  }

  private func bytes(_ training: Training) throws -> Data {
    let path = directory.path + "/model"
    try training.model.write(to: path)
    return try Data(contentsOf: URL(filePath: path))
  }

  @Test func floatsAreKeptAsTheyAre() throws {
    let samples = try Self.samples(3..<5)
    #expect(samples.areFloats && samples.values(of: 1) == Self.values(4))
    let planar = try Samples(
      images: [1, 2, 3, 4, 5, 6.5] as [Float],
      shape: FeatureShape(channels: 2, height: 1, width: 3), layout: .channelsFirst, labels: [0])
    #expect(planar.values(of: 0) == [1, 4, 2, 5, 3, 6.5])
    #expect(try !Squares.samples(0..<1).areFloats)
    #expect(try Squares.samples(7..<9).values(of: 1) == Squares.pixels(8).map { Float($0) })
  }

  /// Mean 0 and deviation 1 make a channel of dim values far from zero as good as any other.
  @Test(arguments: [nil, Mixing.Method.cutmix, .mixup])
  func theyAreLearned(mixing: Mixing.Method?) async throws {
    var files: Set<Data> = []
    for threads in 1...2 {
      var training = try Self.training(on: Self.data())
      training.threads = threads
      training.settings.mixing = try mixing.map { try Mixing($0, alpha: 0.2) }
      var score: Score?
      for try await epoch in training.epochs(8) { score = epoch.test }
      #expect(try #require(score).accuracy > 0.9)
      #expect(try training.model.evaluate(on: Self.samples(110..<140)) == score)
      files.insert(try bytes(training))
    }
    #expect(files.count == 1)
  }

  /// The measured normalisation is in the model file: its answers are those of evaluation.
  @Test func modelsPredictFloats() async throws {
    var training = try Self.training(on: Self.data())
    for try await _ in training.epochs(2) {}
    let path = directory.path + "/model"
    try training.model.write(to: path)
    let model = try Model(contentsOf: path)
    #expect(model.takesFloats && model.inputShape == Self.shape)
    let samples = try Self.samples(110..<140)
    let expected = try training.model.scores(of: samples)
    #expect(try model.scores(of: samples) == expected)
    for (found, expected) in zip(Self.scores(110..<140, model), expected.joined()) {
      #expect(abs(Double(found) - expected) <= Double(Float.ulpOfOne))
    }
    let graph = directory.path + "/model.onnx"
    try model.writeONNX(to: graph)
    let imported = try Model(importing: graph)
    #expect(imported.takesFloats)
    for (found, expected) in zip(try imported.scores(of: samples).joined(), expected.joined()) {
      #expect(abs(found - expected) < 1e-4)
    }
    #expect(throws: ConvoyError.self) {
      try model.writePage(to: directory.path + "/page.html", title: "Floats")
    }
    let picture = try Image(width: 8, height: 8, channels: 1, pixels: Squares.pixels(0))
    #expect(throws: ModelError.floats) { try model.classify(picture) }
    let bytes = try Samples(
      images: [UInt8](repeating: 7, count: 128), shape: Self.shape, labels: [0])
    #expect(throws: ConvoyError.self) { try model.evaluate(on: bytes) }
  }

  /// Bytes as floats are normalised to the same numbers within rounding, so they train to about the
  /// same loss.
  @Test func bytesAsFloatsTrainAsBytes() async throws {
    func loss(_ training: Samples) async throws -> Double {
      var training = try Training(of: Squares.network, on: training, with: .sgd(learningRate: 0.01))
      var loss = 0.0
      for try await epoch in training.epochs(1) { loss = epoch.loss }
      return loss
    }
    let bytes = try Squares.samples(0..<90)
    let floats = try Samples(
      images: (0..<90).flatMap { bytes.values(of: $0) }, shape: Squares.shape,
      labels: (0..<90).map { bytes.label(of: $0) })
    let (one, other) = (try await loss(bytes), try await loss(floats))
    #expect(abs(one - other) < 1e-5 * one)
  }

  @Test func aConstantChannelBecomesZero() async throws {
    let network = Network {
      Flatten()
      Dense(4)
    }
    var losses: Set<Double> = []
    let squares = (0..<90).flatMap(Squares.pixels)
    let channels: [(Int) -> Float] = [
      { _ in 0 }, { _ in 1e9 / 3 }, { _ in 0.1 },
      { $0.isMultiple(of: 2) ? 0 : .leastNonzeroMagnitude },
    ]
    for channel in channels {
      var values: [Float] = []
      for (number, square) in squares.enumerated() { values += [Float(square), channel(number)] }
      let samples = try Samples(
        images: values, shape: Self.shape, labels: (0..<90).map { $0 % 4 })
      var training = try Training(of: network, on: samples, with: .adam(learningRate: 0.02))
      for try await epoch in training.epochs(1) { losses.insert(epoch.loss) }
    }
    #expect(losses.count == 1)
  }

  /// A checkpoint goes on with the same floats only, whatever the difference.
  @Test func runsAreResumedOnTheSameFloats() async throws {
    let path = directory.path + "/run.ckpt"
    var whole = try Self.training(on: Self.data())
    for try await _ in whole.epochs(3) {}
    var cut = try Self.training(on: Self.data())
    cut.checkpoint = path
    let epochs = cut.epochs(3)
    for try await _ in epochs { break }
    await epochs.stop()
    var values = (0..<90).flatMap(Self.values)
    values[4_321] = values[4_321].nextUp
    let other = Squares.Data(
      training: try Samples(
        images: values, shape: Self.shape, labels: (0..<90).map { $0 % 4 },
        classNames: Squares.names),
      test: try Self.samples(110..<140))
    var wrong = try Training(resuming: path, on: other)
    let none = wrong.epochs()
    await #expect(throws: ConvoyError.self) { for try await _ in none {} }
    var resumed = try Training(resuming: path, on: Self.data())
    for try await _ in resumed.epochs() {}
    #expect(try bytes(resumed) == bytes(whole))
  }

  @Test func whatFloatsCannotDoIsAnError() async throws {
    for wrong in [Float.nan, .infinity, -.infinity] {
      var values = Self.values(0) + Self.values(1)
      values[130] = wrong
      #expect(throws: DataError.value(image: 1, found: "\(wrong)")) {
        try Samples(images: values, shape: Self.shape, labels: [0, 1])
      }
    }
    #expect(throws: DataError.self) {
      try Training(
        of: Squares.network,
        on: Squares.Data(
          training: Self.samples(0..<90),
          test: Samples(
            images: [UInt8](repeating: 0, count: 128), shape: Self.shape, labels: [0],
            classNames: Squares.names)))
    }
    var augmented = try Self.training(on: Self.data())
    augmented.settings.augmentation = try Augmentation("flip")
    let epochs = augmented.epochs(1)
    await #expect(throws: AugmentationError.self) { for try await _ in epochs {} }
  }
}
