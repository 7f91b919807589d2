import Convoy
import ConvoyTestSupport
import Foundation
import Testing

/// Losses of a program's own.
@Suite struct LossTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// The built-in mean squared error. With 4 classes, both round the same gradients.
  private struct Squared: Loss {
    var name = "squared"

    func evaluate(
      outputs: Span<Float>, label: Int, gradient: inout MutableSpan<Float>
    ) -> Float {
      var loss: Float = 0
      for index in outputs.indices {
        let distance = outputs[index] - (index == label ? 1 : 0)
        loss += distance * distance / 4
        gradient[index] = distance / 2
      }
      return loss
    }
  }

  /// Not a number at one label.
  private struct Broken: Loss {
    let name = "broken"

    func evaluate(
      outputs: Span<Float>, label: Int, gradient: inout MutableSpan<Float>
    ) -> Float { label == 3 ? .nan : 1 }
  }

  private static func training(_ loss: (any Loss)?, threads: Int = 2) throws -> Training {
    var training = try Training(
      of: Squares.network, on: Squares.data(), with: .adam(learningRate: 0.02), batch: 16, seed: 3)
    training.settings.loss = .meanSquaredError
    training.ownLoss = loss
    training.threads = threads
    return training
  }

  private func bytes(_ training: Training) throws -> Data {
    let path = directory.path + "/model"
    try training.model.write(to: path)
    return try Data(contentsOf: URL(filePath: path))
  }

  @Test func itTrainsAsTheSameBuiltInLoss() async throws {
    var builtIn = try Self.training(nil)
    var expected: [Epoch] = []
    for try await epoch in builtIn.epochs(5) { expected.append(epoch) }
    let samples = try Squares.samples(110..<140)
    var files: Set<Data> = []
    for threads in 1...3 {
      var training = try Self.training(Squared(), threads: threads)
      var epochs: [Epoch] = []
      for try await epoch in training.epochs(5) { epochs.append(epoch) }
      for (found, expected) in zip(epochs, expected) {
        // Losses are sums in another order.
        #expect(abs(found.loss - expected.loss) < 1e-6 && found.accuracy == expected.accuracy)
        let (test, expectedTest) = try (#require(found.test), #require(expected.test))
        #expect(abs(test.loss - expectedTest.loss) < 1e-6)
        #expect(test.accuracy == expectedTest.accuracy && test.accuracy > 0.3)
      }
      let model = try training.model
      #expect(try model.scores(of: samples) == builtIn.model.scores(of: samples))
      #expect(try model.evaluate(on: samples) == epochs.last?.test)
      files.insert(try bytes(training))
    }
    #expect(files.count == 1)
  }

  /// A model remembers the name, and is judged by that loss alone; its answers need none.
  @Test func modelsRememberIt() async throws {
    var training = try Self.training(Squared())
    for try await _ in training.epochs(2) {}
    let path = directory.path + "/model.safetensors"
    let model = try training.model
    try model.write(to: path)
    let samples = try Squares.samples(110..<140)
    let judged = try Model(contentsOf: path, ownLoss: Squared())
    #expect(try judged.evaluate(on: samples) == model.evaluate(on: samples))
    let alone = try Model(contentsOf: path)
    #expect(try alone.scores(of: samples) == model.scores(of: samples))
    let image = try Image(width: 8, height: 8, channels: 1, pixels: Squares.pixels(2))
    #expect(try alone.classify(image) == model.classify(image))
    #expect(throws: ConvoyError.self) { try alone.evaluate(on: samples) }
    #expect(throws: ConvoyError.self) {
      try Model(contentsOf: path, ownLoss: Squared(name: "other"))
    }
    try alone.writeONNX(to: directory.path + "/model.onnx")
    try alone.writePage(to: directory.path + "/page.html", title: "Squares")
    var plain = try Self.training(nil)
    for try await _ in plain.epochs(1) {}
    try plain.model.write(to: path)
    #expect(throws: ConvoyError.self) { try Model(contentsOf: path, ownLoss: Squared()) }
  }

  @Test func runsAreResumedWithTheSameLoss() async throws {
    let path = directory.path + "/run.ckpt"
    var whole = try Self.training(Squared())
    for try await _ in whole.epochs(3) {}
    var cut = try Self.training(Squared())
    cut.checkpoint = path
    let first = cut.epochs(3)
    for try await _ in first { break }
    await first.stop()
    for other in [nil, Squared(name: "other")] {
      var wrong = try Training(resuming: path, on: Squares.data())
      wrong.ownLoss = other
      let epochs = wrong.epochs()
      await #expect(throws: ConvoyError.self) { for try await _ in epochs {} }
    }
    var resumed = try Training(resuming: path, on: Squares.data())
    resumed.ownLoss = Squared()
    for try await _ in resumed.epochs() {}
    #expect(try bytes(resumed) == bytes(whole))
  }

  @Test func whatItCannotDoIsAnError() async throws {
    var broken = try Self.training(Broken())
    let epochs = broken.epochs(1)
    await #expect(throws: NonFiniteError.self) { for try await _ in epochs {} }
    var smooth = try Self.training(Squared())
    smooth.settings.loss = .crossEntropy
    smooth.settings.labelSmoothing = 0.1
    let none = smooth.epochs(1)
    await #expect(throws: SettingsError.self) { for try await _ in none {} }
  }
}
