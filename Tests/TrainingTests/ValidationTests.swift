import ConvoyDatasets
import ConvoyKeyedRandom
import ConvoyTraining
import Testing

@Suite struct ValidationTests {
  private let images = syntheticImages(count: 50)

  /// Images by their pixels: no two are alike.
  private func pixels(_ set: ImageSet) -> [[UInt8]] {
    let size = set.shape.pixelCount
    return (0..<set.count).map { Array(set.pixels[$0 * size..<($0 + 1) * size]) }
  }

  @Test(arguments: [(0.1, 5), (0.5, 25), (0.02, 1), (0.9999, 46), (0.25, 13)])
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

  /// The numbers that the first classes give together are their share, rounded.
  @Test(arguments: [0.1, 0.3, 0.62])
  func classesGiveTheirShares(fraction: Double) throws {
    let labels = Array("aabbbbbbbbbcdddddddddddddddddddd".utf8).map { UInt16($0) - 97 }
    let set = ImageSet(
      shape: ImageShape(channels: 1, height: 1, width: 1),
      pixels: labels.indices.map { UInt8($0) }, labels: labels)
    let validation = try set.holdingBack(fraction, seed: 1).validation
    for label in 0..<4 {
      let (whole, found) = (
        labels.count { $0 == label }, validation.labels.count { $0 == label }
      )
      #expect(abs(Double(found) - fraction * Double(whole)) < 1 && found < whole, "\(label)")
    }
    // Other images than those that a test part of the same seed would have.
    let test = try #require(try set.divided(fraction, seed: 1, for: .testPart)).part
    #expect(test.labels.count == validation.labels.count && test != validation)
  }

  @Test func eachClassKeepsAnImage() {
    let one = syntheticImages(count: 4)
    let error = TrainingDataError.tooFew(file: "images", fraction: 0.5, found: 4)
    #expect(throws: error) { _ = try one.holdingBack(0.5, seed: 0) }
  }

  /// Nothing is copied, and a part of a part is made of the same images.
  @Test func partsOfParts() throws {
    let (rest, _) = try images.holdingBack(0.4, seed: 1)
    let (training, validation) = try rest.holdingBack(0.5, seed: 2)
    let whole = pixels(images)
    for part in [training, validation] {
      let places = pixels(part).compactMap(whole.firstIndex)
      #expect(places.count == part.count && places == places.sorted())
      #expect(part.labels == places.map { images.labels[$0] })
    }
    let size = images.shape.pixelCount
    for image in 0..<training.count {
      training.pixels.withImage(image, size: size) { #expect(Array($0) == pixels(training)[image]) }
    }
    var pieces: [UInt8] = []
    training.pixels.forEachPiece(ofImages: size) { pieces += $0 }
    #expect(pieces == Array(training.pixels))
  }

  @Test func accuracyComesFirstAndLossDecidesBetweenEquals() {
    func score(_ accuracy: Double, _ loss: Double) -> EpochScore {
      EpochScore(epoch: 1, Evaluation(loss: loss, accuracy: accuracy))
    }
    #expect(score(0.9, 5).isBetter(than: score(0.8, 1), by: .accuracy))
    #expect(score(0.9, 1).isBetter(than: score(0.9, 2), by: .accuracy))
    #expect(!score(0.9, 2).isBetter(than: score(0.9, 2), by: .accuracy))
    #expect(!score(0.8, 1).isBetter(than: score(0.9, 2), by: .accuracy))
    #expect(!score(0.9, .nan).isBetter(than: score(0.9, 2), by: .accuracy))
    #expect(score(0.8, 1).isBetter(than: score(0.9, 2), by: .loss))
    #expect(!score(0.9, 2).isBetter(than: score(0.8, 2), by: .loss))
    #expect(!score(0.9, .nan).isBetter(than: score(0.8, 2), by: .loss))
  }
}
