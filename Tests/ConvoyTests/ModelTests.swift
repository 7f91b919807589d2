import Convoy
import ConvoyTestSupport
import Foundation
import Testing

/// Trained networks in a program.
@Suite struct ModelTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func model(_ network: Network = Squares.network) async throws -> Model {
    var training = try Training(
      of: network, on: Squares.data(), with: .adam(learningRate: 0.02), batch: 16)
    for try await _ in training.epochs(4) {}
    return try training.model
  }

  private static func scores(of pixels: [UInt8], _ model: Model) -> [Float] {
    var scores = [Float](repeating: 0, count: pixels.count / 64 * 4)
    var span = scores.mutableSpan
    model.predict(pixels.span, into: &span)
    return scores
  }

  /// One by one, as a batch, and as evaluation: to the rounding of a softmax in single precision.
  @Test func scoresAgree() async throws {
    let model = try await model()
    let samples = try Squares.samples(200..<270)
    let scores = try model.scores(of: samples)
    let batch = Self.scores(of: (0..<70).flatMap { samples.pixels(of: $0) }, model)
    for number in 0..<70 {
      let image = try Image(width: 8, height: 8, channels: 1, pixels: samples.pixels(of: number))
      let seen = try model.classify(image)
      #expect(seen.answers.map(\.label).sorted() == [0, 1, 2, 3])
      #expect(seen.name == Squares.names[seen.label] && seen.runnersUp.count == 3)
      for answer in seen.answers {
        let score = scores[number][answer.label]
        #expect(abs(answer.probability - score) <= Double(Float.ulpOfOne))
        #expect(Double(batch[number * 4 + answer.label]) == answer.probability)
      }
      #expect(seen.probability == seen.answers.map(\.probability).max())
    }
    var right = 0
    for (number, scores) in scores.enumerated() {
      let answer = scores.indices.max { scores[$0] < scores[$1] }
      if answer == number % 4 { right += 1 }
    }
    #expect(try model.evaluate(on: samples, threads: 1).accuracy == Double(right) / 70)
  }

  /// Filters of more than a megabyte are transformed in another way for one image: the same scores, but
  /// for roundings. A score moves by at most half of what the outputs move, which are sums of about a
  /// thousand products twice over.
  @Test func oneImageOfALargeNetworkScoresAsInABatch() async throws {
    let network = Network {
      Convolution(filters: 96, kernelSize: 3, padding: .same, bias: false)
      BatchNormalization()
      ReLU()
      Convolution(filters: 96, kernelSize: 3, padding: .same)
      ReLU()
      GlobalAveragePooling()
      Dense(4)
    }
    var training = try Training(of: network, on: Squares.data(), with: .adam(), batch: 10)
    for try await _ in training.epochs(1) {}
    let model = try training.model
    let images = (0..<8).map(Squares.pixels)
    let batch = Self.scores(of: images.flatMap(\.self), model)
    let alone = images.flatMap { Self.scores(of: $0, model) }
    #expect(alone != batch)
    let tolerance = 2 * 1_000 * Float.ulpOfOne
    #expect(zip(alone, batch).allSatisfy { abs($0 - $1) < tolerance })
    #expect(alone == images.flatMap { Self.scores(of: $0, model) })
  }

  @Test func manyThreadsGetTheSameScores() async throws {
    let model = try await model()
    let pixels = (0..<40).flatMap(Squares.pixels)
    let alone = Self.scores(of: pixels, model)
    await withTaskGroup { group in
      for _ in 0..<16 { group.addTask { Self.scores(of: pixels, model) } }
      for await result in group { #expect(result == alone) }
    }
  }

  @Test func filesComeBack() async throws {
    let model = try await model()
    let path = directory.path + "/" + "model.safetensors"
    try model.write(to: path)
    let read = try Model(contentsOf: path)
    #expect(read.network == Squares.network && read.inputShape == Squares.shape)
    #expect(read.classNames == Squares.names && read.classes == 4)
    let samples = try Squares.samples(0..<20)
    #expect(try read.scores(of: samples) == model.scores(of: samples))
    try model.writeONNX(to: directory.path + "/" + "model.onnx")
    try model.writePage(to: directory.path + "/" + "page.html", title: "Corners")
    for name in ["model.onnx", "page.html"] {
      #expect(try Data(contentsOf: URL(filePath: directory.path + "/" + name)).count > 1_000)
    }
    #expect(throws: ConvoyError.self) { try Model(contentsOf: directory.path + "/" + "none") }
  }

  /// A graph comes back as the model; tensors need to be told their layers.
  @Test func networksAreImported() async throws {
    let model = try await model()
    let samples = try Squares.samples(0..<20)
    let graph = directory.path + "/model.onnx"
    try model.writeONNX(to: graph)
    let read = try Model(importing: graph)
    #expect(read.classNames == Squares.names && read.inputShape == Squares.shape)
    let scores = try (read.scores(of: samples), model.scores(of: samples))
    for (found, expected) in zip(scores.0.joined(), scores.1.joined()) {
      #expect(abs(found - expected) < 1e-5)
    }
    let tensors = directory.path + "/model.safetensors"
    try model.write(to: tensors)
    #expect(throws: DataError.self) { try Model(importing: tensors) }
    #expect(throws: ConvoyError.self) {
      try Model(
        importing: tensors, as: Squares.network, input: Squares.shape, names: ["0.weight": "none"])
    }
    // Without a word about them, pixels are shares of 255, not normalised as in training.
    let other = try Model(importing: tensors, as: Squares.network, input: Squares.shape)
    #expect(try other.scores(of: samples) != model.scores(of: samples))
    #expect(throws: ConvoyError.self) {
      try Model(
        importing: tensors, as: Network { Dense(4) }, input: FeatureShape(features: 7))
    }
  }

  /// A picture of any size and colour is made to fit, as by the commands.
  @Test func picturesAreMadeToFit() async throws {
    let model = try await model()
    let small = Squares.pixels(2)
    let large = (0..<1024 * 3).map { place -> UInt8 in
      let (row, column) = (place / 3 / 32, place / 3 % 32)
      return small[row / 4 * 8 + column / 4]
    }
    let picture = try Image(width: 32, height: 32, channels: 3, pixels: large)
    let own = try Image(width: 8, height: 8, channels: 1, pixels: small)
    #expect(try model.classify(picture) == model.classify(own))
  }

  /// Classes in another order are the same classes.
  @Test func classesAreMatchedByName() async throws {
    let model = try await model()
    let samples = try Squares.samples(0..<40)
    let other = try Samples(
      images: (0..<40).flatMap(Squares.pixels), shape: Squares.shape,
      labels: (0..<40).map { 3 - $0 % 4 }, classNames: Squares.names.reversed())
    #expect(try model.evaluate(on: other) == model.evaluate(on: samples))
    let strange = try Samples(
      images: Squares.pixels(0), shape: Squares.shape, labels: [0], classNames: ["nowhere"])
    #expect(throws: ConvoyError.self) { try model.evaluate(on: strange) }
  }

  @Test func samplesAreChecked() throws {
    let shape = FeatureShape(channels: 2, height: 1, width: 3)
    let planar = try Samples(
      images: [1, 2, 3, 4, 5, 6], shape: shape, layout: .channelsFirst, labels: [0])
    #expect(planar.pixels(of: 0) == [1, 4, 2, 5, 3, 6] && planar.shape == shape)
    #expect(throws: DataError.count(of: "pixels", expected: 6, found: 5)) {
      try Samples(images: [1, 2, 3, 4, 5], shape: shape, labels: [0])
    }
    #expect(throws: DataError.label(image: 1, classes: 1, found: 1)) {
      try Samples(
        images: Array(repeating: 0, count: 12), shape: shape, labels: [0, 1], classNames: ["a"])
    }
    #expect(throws: DataError.tooFew("image", found: 0)) {
      try Samples(images: [], shape: shape, labels: [])
    }
    #expect(throws: DataError.count(of: "pixels", expected: 4, found: 3)) {
      try Image(width: 2, height: 2, channels: 1, pixels: [1, 2, 3])
    }
  }
}
