import ConvoyDatasets
import ConvoyKeyedRandom

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
  /// Splits off images for validation, chosen by the seed, with about the same share of each class.
  /// Both parts keep the order of the whole.
  ///
  /// - Parameter fraction: of the images, between 0 and 1; each class keeps at least one for training.
  package func holdingBack(
    _ fraction: Double, seed: UInt64
  ) throws -> (training: ImageSet, validation: ImageSet) {
    guard let parts = try divided(fraction, seed: seed, for: .validation) else {
      throw TrainingDataError.tooFew(file: imagesFile, fraction: fraction, found: count)
    }
    return (parts.rest, parts.part)
  }
}
