import ConvoyDatasets
import ConvoySafetensors
import ConvoyTestSupport
import ConvoyTraining
import Foundation
import Optimizers
import Testing

@Suite struct ClassWeightsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// The loss of a step over images of which the classes 0, 1 and 3 have six, three and three.
  private func losses(_ weights: ClassWeights?, smoothing: Double = 0) throws -> [Float] {
    let four = syntheticImages(count: 12)
    let images = ImageSet(
      shape: four.shape, pixels: four.pixels, labels: [0, 1, 0, 3, 0, 1, 0, 3, 0, 1, 0, 3])
    let run = try TestRun(
      MixedRun.layers, on: images,
      configuration: TrainingConfiguration(
        batchSize: 5, threads: 2, optimizer: try StochasticGradientDescent(learningRate: 0.1),
        labelSmoothing: smoothing, classWeights: weights))
    return try (1...3).flatMap { try run.trainer.runEpoch($0).stepLosses }
  }

  /// 12 images of three classes: 12 / (3 · 6), 12 / (3 · 3) and, without images, 0.
  @Test(arguments: [0, 0.25])
  func balancedIsInverseToTheNumberOfImages(smoothing: Double) throws {
    let weights: [Double] = [2.0 / 3, 4.0 / 3, 1e-30, 4.0 / 3]
    let listed = try losses(.listed(weights), smoothing: smoothing)
    let balanced = try losses(.balanced, smoothing: smoothing)
    #expect(balanced.count == 9)
    for (found, expected) in zip(balanced, listed) {
      #expect(abs(found / expected - 1) < 1e-6)
    }
    #expect(try losses(nil, smoothing: smoothing) != balanced)
  }

  /// The divisor grows with the weights, and so with the batch's labels.
  @Test func onlyTheRatioOfWeightsCounts() throws {
    let once = try losses(.listed([1, 3, 1, 0.5]))
    #expect(try losses(.listed([4, 12, 4, 2])) == once)
    #expect(try losses(.listed([1e30, 1e30, 1e30, 1e30])).allSatisfy(\.isFinite))
    #expect(try losses(.listed([1e-30, 1e-30, 1e-30, 1e-30])).allSatisfy { $0 > 0.1 })
  }

  /// A batch of them alone has no loss, and steps change nothing.
  @Test func samplesThatWeighNothingTeachNothing() throws {
    #expect(try losses(.listed([0, 0, 1, 0])).allSatisfy { $0 == 0 })
    let four = syntheticImages(count: 12)
    let images = ImageSet(
      shape: four.shape, pixels: four.pixels, labels: [0, 0, 0, 0, 1, 3, 1, 3, 1, 3, 1, 3])
    let run = try TestRun(
      MixedRun.layers, on: images,
      configuration: TrainingConfiguration(
        batchSize: 4, threads: 2, optimizer: try StochasticGradientDescent(learningRate: 0.1),
        shuffle: .off, classWeights: .listed([0, 1, 1, 1])))
    // Running statistics of a normalisation move nevertheless.
    func learned() -> [NamedTensor] {
      run.weights.tensors.filter {
        !$0.name.contains("running") && !$0.name.contains("num_batches")
      }
    }
    let before = learned()
    let first = try run.trainer.runEpoch(1, stepLimit: 1)
    #expect(first.stepLosses == [0] && first.loss == 0 && learned() == before)
    let metrics = try run.trainer.runEpoch(2)
    #expect(metrics.stepLosses[0] == 0 && metrics.stepLosses[1] > 0 && metrics.loss > 0)
  }

  private func read(_ text: String) throws -> ClassWeights {
    let path = directory.path(of: "weights")
    try Array(text.utf8).write(to: path)
    return try ClassWeights(contentsOf: path)
  }

  @Test(arguments: [
    "1\n2.5\n1e-3\n", "1,2.5,1e-3", "1\r\n 2.5\r\n1e-3\r\n\r\n", "1, 2.5\n\t0.001 \n\n",
  ])
  func aFileIsNumbersOnLinesOrBetweenCommas(text: String) throws {
    #expect(try read(text) == .listed([1, 2.5, 0.001]))
  }

  @Test(arguments: [
    ("", 1, ""), ("1\n\n2", 2, ""), ("1\n2\n-3\n", 3, "-3"), ("1\n1e-31\n", 2, "1e-31"),
    ("1,2,\n", 1, ""), ("1\nnan", 2, "nan"), ("1\n2 3", 2, "2 3"), ("inf", 1, "inf"),
    ("1\n1e31", 2, "1e31"), ("class,weight\n0,1", 1, "class"), ("0x1", 1, "0x1"),
  ])
  func anotherLineIsRefused(text: String, line: Int, found: String) throws {
    let error = try #require(throws: ClassWeightsError.self) { try read(text) }
    #expect(error.line == line)
    #expect(error.found == found)
    #expect(
      "\(error)"
        == "\(directory.path(of: "weights")): line \(line): expected numbers, 0 or from 1e-30 to 1e+30, "
        + "between commas if there are several, found '\(found)'")
  }

  @Test(arguments: [ClassWeights.balanced, .listed([0.1, 1 / 3, 1e-30])])
  func areReadBackAsTheyWereWritten(weights: ClassWeights) throws {
    let json = try JSONEncoder().encode(weights)
    #expect(try JSONDecoder().decode(ClassWeights.self, from: json) == weights)
    #expect(ClassWeights("\(weights)") == weights)
  }
}
