import ConvoyCompression
import ConvoyDatasets

/// Identifies a data set, so that a run is never resumed on a different one.
package struct DatasetDigest: Sendable, Equatable, Codable, CustomStringConvertible {
  let training: Part
  let test: Part
  /// Of a data set that has one.
  let validation: Part?
  /// By label.
  let classNames: [String]?

  /// Identifies the images of a part.
  package struct Part: Sendable, Equatable, Codable, CustomStringConvertible {
    package let images: Int
    /// As `FeatureShape` prints it.
    let shape: String
    /// Of pixels and labels.
    let checksum: String

    package var description: String { "\(images) images of \(shape) (checksum \(checksum))" }

    init(images: Int, shape: String, checksum: String) {
      self.images = images
      self.shape = shape
      self.checksum = checksum
    }

    package init(_ images: ImageSet) {
      self.images = images.count
      shape = "\(images.featureShape)"
      var checksum = Checksum()
      unsafe images.pixels.forEachPiece(ofImages: images.imageSize) {
        unsafe checksum.add(UnsafeRawBufferPointer($0))
      }
      unsafe Self.bytes(of: images.labels).withUnsafeBytes { unsafe checksum.add($0) }
      self.checksum = checksum.text
    }

    /// A byte for each label if none is above 255; otherwise two, the low one first.
    private static func bytes(of labels: [UInt16]) -> [UInt8] {
      if labels.allSatisfy({ $0 <= UInt8.max }) { return labels.map { UInt8($0) } }
      return labels.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }
  }

  package init(_ dataset: Dataset) {
    training = Part(dataset.training)
    test = Part(dataset.test)
    validation = dataset.validation.map(Part.init)
    classNames = dataset.classNames
  }

  /// What to call a data set that has no files.
  var name: String {
    let parts = [training, test, validation].map { $0?.checksum ?? "" }
    return "data \(Checksum(of: parts.joined(separator: " ")).text)"
  }

  package var description: String {
    "\(training.images) training and \(test.images) test images of \(training.shape) "
      + "(checksums \(training.checksum), \(test.checksum))"
  }
}
