import ConvoyCompression
import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoyTestSupport
import ConvoyTraining
import Optimizers
import Testing

/// Labels that need two bytes.
@Suite struct ManyClassesTests {
  /// Equal in pairs, if only their low bytes counted.
  private static let labels: [UInt16] = [0, 255, 256, 511]

  private func images(_ labels: [UInt16]) -> ImageSet {
    let four = syntheticImages(count: 40)
    return ImageSet(
      shape: four.shape, pixels: four.pixels, labels: four.labels.map { labels[Int($0)] })
  }

  @Test func everyLabelIsLearned() throws {
    let run = try TestRun(
      [Flatten(), Dense(512)], on: images(Self.labels),
      configuration: TrainingConfiguration(
        batchSize: 10, threads: 2, optimizer: try StochasticGradientDescent(learningRate: 0.02)))
    for epoch in 1...10 { _ = try run.trainer.runEpoch(epoch) }
    #expect(run.evaluator(threads: 2).evaluate().accuracy == 1)
    #expect((0..<4).map(run.store.label) == [0, 255, 256, 511])
  }

  @Test func theDigestSeesBothBytes() {
    func digest(_ labels: [UInt16]) -> DatasetDigest {
      DatasetDigest(Dataset(training: images(labels), test: images([0, 1, 2, 3]), classes: 512))
    }
    #expect(digest(Self.labels) != digest([0, 255, 0, 511]))
    #expect(digest(Self.labels) != digest([1, 255, 256, 511]))
  }

  /// Checkpoints of earlier versions stay valid.
  @Test func theDigestOfSmallLabelsIsThatOfBytes() {
    let set = images([0, 1, 2, 255])
    var checksum = Checksum()
    Array(set.pixels).withUnsafeBytes { checksum.add($0) }
    set.labels.map { UInt8($0) }.withUnsafeBytes { checksum.add($0) }
    let digest = DatasetDigest(Dataset(training: set, test: set, classes: 256))
    #expect(digest.description.contains("checksums \(checksum.text), \(checksum.text)"))
  }

  @Test func validationKeepsTheNames() throws {
    let set = syntheticImages(count: 10)
    let named = ImageSet(
      shape: set.shape, pixels: set.pixels, labels: set.labels, classNames: ["a", "b", "c", "d"])
    let parts = try Dataset(training: named, test: named, classes: 4).holdingBack(0.3, seed: 1)
    #expect(parts.dataset.classNames == named.classNames)
    #expect(parts.validation.classNames == named.classNames)
  }
}
