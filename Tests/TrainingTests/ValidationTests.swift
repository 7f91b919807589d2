import ConvoyDatasets
import ConvoyTraining
import Testing

@Suite struct ValidationTests {
  private let images = syntheticImages(count: 50)

  /// Images by their pixels: no two are alike.
  private func pixels(_ set: ImageSet) -> [[UInt8]] {
    let size = set.shape.pixelCount
    return (0..<set.count).map { Array(set.pixels[$0 * size..<($0 + 1) * size]) }
  }

  @Test(arguments: [(0.1, 5), (0.5, 25), (0.001, 1), (0.9999, 49), (0.25, 13)])
  func everyImageIsInOnePart(fraction: Double, count: Int) throws {
    let (training, validation) = try images.holdingBack(fraction, seed: 3)
    #expect(validation.count == count)
    let whole = pixels(images)
    let parts = pixels(training) + pixels(validation)
    #expect(Set(parts) == Set(whole) && parts.count == whole.count)
    for part in [training, validation] {
      // In the order of the whole, each with its label.
      let places = pixels(part).compactMap(whole.firstIndex)
      #expect(places == places.sorted())
      #expect(part.labels == places.map { images.labels[$0] })
    }
  }

  @Test func theSeedDecides() throws {
    let held = try [1, 1, 2].map { try images.holdingBack(0.2, seed: $0).validation }
    #expect(held[0] == held[1])
    #expect(held[0] != held[2])
  }

  @Test func oneImageCannotBeDivided() {
    let one = syntheticImages(count: 1)
    #expect(throws: TrainingDataError.tooFew(file: "images", found: 1)) {
      _ = try one.holdingBack(0.5, seed: 0)
    }
  }

  @Test func accuracyComesFirstAndLossDecidesBetweenEquals() {
    func score(_ accuracy: Double, _ loss: Double) -> EpochScore {
      EpochScore(epoch: 1, Evaluation(loss: loss, accuracy: accuracy))
    }
    #expect(score(0.9, 5).isBetter(than: score(0.8, 1)))
    #expect(score(0.9, 1).isBetter(than: score(0.9, 2)))
    #expect(!score(0.9, 2).isBetter(than: score(0.9, 2)))
    #expect(!score(0.8, 1).isBetter(than: score(0.9, 2)))
    #expect(!score(0.9, .nan).isBetter(than: score(0.9, 2)))
  }
}
