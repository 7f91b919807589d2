import ConvoyDatasets
import ConvoyKeyedRandom
import ConvoyProcessLimits

extension Dataset {
  /// The data set without images that are held back from training, and those.
  package func holdingBack(
    _ fraction: Double, seed: UInt64
  ) throws -> (dataset: Dataset, validation: ImageSet) {
    let parts = try training.holdingBack(fraction, seed: seed)
    return (Dataset(training: parts.training, test: test, classes: classes), parts.validation)
  }
}

extension ImageSet {
  /// Holds images back from training, to choose by what is not the test set. Which ones, the seed
  /// decides; both parts keep the order of the whole.
  ///
  /// - Parameter fraction: of the images, rounded to whole ones; at least one, and not all.
  package func holdingBack(
    _ fraction: Double, seed: UInt64
  ) throws -> (training: ImageSet, validation: ImageSet) {
    guard count >= 2 else { throw TrainingDataError.tooFew(file: imagesFile, found: count) }
    // Both parts are copies, chosen by orders of all images.
    let orders = 3 * Double(count) * Double(MemoryLayout<Int>.stride)
    try AvailableMemory.now.check(
      MemoryNeed(bytes: Double(pixels.count) + Double(count) + orders), for: "the validation set")
    let heldBack = min(max(1, Int((fraction * Double(count)).rounded())), count - 1)
    let order = KeyedRandom(seed: seed, purpose: .validation).permutation(of: count)
    return (part(order[heldBack...].sorted()), part(order[..<heldBack].sorted()))
  }

  private func part(_ numbers: [Int]) -> ImageSet {
    let size = shape.pixelCount
    var pixels: [UInt8] = []
    pixels.reserveCapacity(numbers.count * size)
    for number in numbers { pixels += self.pixels[number * size..<(number + 1) * size] }
    return ImageSet(
      shape: shape, pixels: pixels, labels: numbers.map { labels[$0] }, imagesFile: imagesFile,
      labelsFile: labelsFile)
  }
}
