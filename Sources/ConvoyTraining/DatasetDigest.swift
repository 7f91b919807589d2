import ConvoyDatasets

/// Identifies a data set, so that a run is never resumed on a different one.
package struct DatasetDigest: Sendable, Equatable, Codable, CustomStringConvertible {
  let training: Part
  let test: Part

  struct Part: Sendable, Equatable, Codable {
    let images: Int
    /// As `FeatureShape` prints it.
    let shape: String
    /// Of pixels and labels.
    let checksum: String

    init(_ images: ImageSet) {
      self.images = images.count
      shape = "\(images.featureShape)"
      var checksum = Checksum()
      unsafe images.pixels.withUnsafeBytes { unsafe checksum.add($0) }
      unsafe images.labels.withUnsafeBytes { unsafe checksum.add($0) }
      self.checksum = checksum.text
    }
  }

  package init(_ dataset: Dataset) {
    training = Part(dataset.training)
    test = Part(dataset.test)
  }

  package var description: String {
    "\(training.images) training and \(test.images) test images of \(training.shape) "
      + "(checksums \(training.checksum), \(test.checksum))"
  }
}
