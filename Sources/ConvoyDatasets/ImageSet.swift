import ConvoyPictures

/// Labelled images of one shape, as bytes; as floats where the values are not bytes by nature.
///
/// Bytes where they can be, because a set is kept for a whole run and four times the size would buy
/// nothing: a batch is scaled when it is gathered.
package struct ImageSet: Sendable, Equatable {
  package let shape: ImageShape
  /// The images in order, each `height × width × channels`, with the channels of a pixel adjacent.
  package let pixels: PixelBytes
  /// One label for each image; none in a set without labels.
  package let labels: [UInt16]
  /// The number of images.
  package let count: Int
  /// The names of all classes, by label; nil if labels are numbers only.
  package let classNames: [String]?
  /// How pictures of other shapes were made to fit; nil for images of one shape.
  package let fit: PictureFit?
  /// The file of each picture; nil where images have no files of their own.
  package let files: [String]?
  /// The files that they were read from, for errors.
  package let imagesFile: String
  package let labelsFile: String

  package init(
    shape: ImageShape, pixels: [UInt8], labels: [UInt16], classNames: [String]? = nil,
    fit: PictureFit? = nil, files: [String]? = nil, imagesFile: String = "images",
    labelsFile: String = "labels"
  ) {
    self.init(
      shape: shape, pixels: PixelBytes(pixels), labels: labels, classNames: classNames,
      fit: fit, files: files, imagesFile: imagesFile, labelsFile: labelsFile)
  }

  package init(
    shape: ImageShape, pixels: PixelBytes, labels: [UInt16], classNames: [String]? = nil,
    fit: PictureFit? = nil, files: [String]? = nil, imagesFile: String = "images",
    labelsFile: String = "labels"
  ) {
    precondition(
      pixels.count == labels.count * shape.pixelCount * pixels.type.size,
      "An image set has one label for each image.")
    precondition(files.map { $0.count == labels.count } ?? true, "A picture has one file.")
    self.shape = shape
    self.pixels = pixels
    self.labels = labels
    count = labels.count
    self.classNames = classNames
    self.fit = fit
    self.files = files
    self.imagesFile = imagesFile
    self.labelsFile = labelsFile
  }

  /// A set without labels.
  init(
    shape: ImageShape, unlabeled pixels: PixelBytes, fit: PictureFit? = nil, imagesFile: String
  ) {
    self.shape = shape
    self.pixels = pixels
    labels = []
    count = pixels.count / shape.pixelCount
    (classNames, files) = (nil, nil)
    self.fit = fit
    self.imagesFile = imagesFile
    labelsFile = imagesFile
  }

  /// An image's size in bytes.
  package var imageSize: Int { shape.pixelCount * pixels.type.size }

  /// The values of an image: height × width × channels; bytes from 0 to 255.
  package func values(of image: Int) -> [Float] {
    unsafe pixels.withImage(image, size: imageSize) { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      return (0..<shape.pixelCount).map { unsafe bytes.pixel($0, of: pixels.type) }
    }
  }

  /// The bytes of an image: height × width × channels values.
  package func bytes(of image: Int) -> [UInt8] {
    unsafe pixels.withImage(image, size: imageSize) { unsafe Array($0) }
  }

  /// What an image is called: its file, or its number.
  package func name(of image: Int) -> String { files?[image] ?? "image \(image)" }
}

/// The size of one image.
package struct ImageShape: Sendable, Equatable {
  package let channels: Int
  package let height: Int
  package let width: Int

  package init(channels: Int, height: Int, width: Int) {
    precondition(
      channels > 0 && height > 0 && width > 0, "An image has at least one value in each dimension.")
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// The number of values in one image, over all of its channels.
  package var pixelCount: Int { channels * height * width }
}

extension ImageShape: CustomStringConvertible {
  package var description: String { "\(channels)×\(height)×\(width)" }
}

extension UnsafeRawBufferPointer {
  /// A value of an image in these bytes.
  package func pixel(_ number: Int, of type: PixelType) -> Float {
    switch type {
    case .bytes: Float(unsafe self[number])
    case .floats: unsafe loadUnaligned(fromByteOffset: number * type.size, as: Float.self)
    }
  }
}
