import ConvoyDatasets
import ConvoyKeyedRandom
import ConvoyProcessLimits

extension Dataset {
  /// Splits the data set into one without the images held back from training, and those images.
  package func holdingBack(
    _ fraction: Double, seed: UInt64
  ) throws -> (dataset: Dataset, validation: ImageSet) {
    let parts = try training.holdingBack(fraction, seed: seed)
    return (Dataset(training: parts.training, test: test, classes: classes), parts.validation)
  }
}

extension ImageSet {
  /// Splits off images for validation, chosen by the seed. Both parts keep the order of the whole.
  ///
  /// - Parameter fraction: of the images, rounded to a whole number; at least one image, but not
  ///   all.
  package func holdingBack(
    _ fraction: Double, seed: UInt64
  ) throws -> (training: ImageSet, validation: ImageSet) {
    guard count >= 2 else { throw TrainingDataError.tooFew(file: imagesFile, found: count) }
    // Both parts are copies, selected by permutations of all images.
    let orders = 3 * Double(count) * Double(MemoryLayout<Int>.stride)
    try AvailableMemory.now.check(
      MemoryNeed(bytes: Double(pixels.count) + 2 * Double(count) + orders),
      for: "the validation set")
    let heldBack = min(max(1, Int((fraction * Double(count)).rounded())), count - 1)
    let order = KeyedRandom(seed: seed, purpose: .validation).permutation(of: count)
    return (selecting(order[heldBack...].sorted()), selecting(order[..<heldBack].sorted()))
  }
}
