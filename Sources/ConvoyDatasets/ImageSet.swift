/// Labelled images of one shape, as bytes.
///
/// Bytes rather than floats, because a set is kept in memory for a whole run and four times the
/// size would buy nothing: a batch is scaled when it is gathered.
package struct ImageSet: Sendable, Equatable {
  package let shape: ImageShape
  /// The images one after another, each `height × width × channels`, the channels of one place
  /// side by side.
  package let pixels: [UInt8]
  /// One label for each image.
  package let labels: [UInt8]
  /// The files they came from, for whoever finds something wrong with them.
  package let imagesFile: String
  package let labelsFile: String

  package init(
    shape: ImageShape, pixels: [UInt8], labels: [UInt8], imagesFile: String = "images",
    labelsFile: String = "labels"
  ) {
    precondition(
      pixels.count == labels.count * shape.pixelCount, "An image set has one label for each image.")
    self.shape = shape
    self.pixels = pixels
    self.labels = labels
    self.imagesFile = imagesFile
    self.labelsFile = labelsFile
  }

  /// The number of images.
  package var count: Int { labels.count }
}
