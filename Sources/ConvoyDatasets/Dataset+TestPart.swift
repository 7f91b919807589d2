import ConvoyCompression
import ConvoyPictures

/// The part of the images that is for testing, where the data has no test part.
package struct TestPart: Sendable, Equatable, Codable {
  /// Between 0 and 1.
  package let fraction: Double
  /// Chooses the images.
  package let seed: UInt64
  /// Of the whole data.
  package let images: Int
  /// Of the pixels and labels of the part; nil in model files that do not have it.
  package let checksum: UInt32?

  package init(fraction: Double, seed: UInt64, of images: Int, checksum: UInt32? = nil) {
    self.fraction = fraction
    self.seed = seed
    self.images = images
    self.checksum = checksum
  }
}

/// What a data set must have beside images for training.
package enum TestRequirement: Sendable {
  case test, testOrValidation, nothing

  func isMet(test: Bool, validation: Bool) -> Bool {
    switch self {
    case .test: test
    case .testOrValidation: test || validation
    case .nothing: true
    }
  }
}

/// Where test images come from.
package enum TestOrigin: Sendable {
  /// A part of the data for tests, or the fraction that was asked for.
  case part
  /// The fraction that the network's run was tested on.
  case partOfTheRun
  /// The validation part, because there is no test part.
  case validation
  /// All images, because there is neither.
  case all
  /// All images, because they are not those of the network's run, of which a fraction was for tests.
  case changed
}

extension Dataset {
  /// Reads the test part of the data set at `path` for a trained network. Pictures get its shape, and
  /// classes are matched by their names where both have names.
  ///
  /// - Parameters:
  ///   - testFraction: of data without a test part, this fraction is read: the one that `load` takes
  ///     for the same seed. Nil for that of the network's run, if it is still the same images;
  ///     otherwise the validation part, if there is one, or all images are read.
  ///   - seed: nil for that of the network's run.
  package static func loadTest(
    from path: String, for input: TrainedInput, testFraction: Double? = nil, seed: UInt64? = nil,
    skipsUnreadable: Bool = false, observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> (images: ImageSet, origin: TestOrigin) {
    let files = try DatasetDirectory.files(
      at: path, .network(input, skipsUnreadable: skipsUnreadable), observer)
    guard try !files.hasTestPart() else {
      guard testFraction == nil else { throw .testPartPresent(file: path) }
      return (try files.read(.test).labeled(like: input), .part)
    }
    let own = input.testPart
    if testFraction == nil, own == nil, let images = try files.readValidation() {
      return (try images.labeled(like: input), .validation)
    }
    let all = try files.read(.training).labeled(like: input)
    if let testFraction {
      let seed = seed ?? own?.seed ?? 0
      return (try all.divided(testFraction: testFraction, seed: seed).test, .part)
    }
    let isOfTheRun = own.map { seed ?? $0.seed == $0.seed } ?? false
    if let own, isOfTheRun, own.images == all.count {
      do throws(DatasetError) {
        let test = try all.divided(testFraction: own.fraction, seed: own.seed).test
        if own.checksum == nil || own.checksum == test.checksum { return (test, .partOfTheRun) }
      } catch .tooFewForTest {
        // Fewer images of a class than the run had.
      }
    }
    if let images = try files.readValidation() {
      return (try images.labeled(like: input), .validation)
    }
    return (all, isOfTheRun ? .changed : .all)
  }
}

extension ImageSet {
  /// The CRC-32 of pixels and labels.
  package var checksum: UInt32 {
    var checksum = Checksum()
    unsafe pixels.forEachPiece(ofImages: imageSize) {
      unsafe checksum.add(UnsafeRawBufferPointer($0))
    }
    let labels = self.labels.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    checksum.add(labels.span)
    return checksum.value
  }
}

extension ImageSet {
  /// The images with the network's label for each class name.
  package func labeled(like input: TrainedInput) throws(DatasetError) -> ImageSet {
    guard let names = classNames, let trained = input.classNames, names != trained else {
      return self
    }
    let labelsByName = Dictionary(zip(trained, trained.indices), uniquingKeysWith: { a, _ in a })
    var newLabels: [UInt16] = []
    for name in names {
      guard let label = labelsByName[name] else {
        throw .unknownClass(directory: "\(labelsFile): \(name)", classes: trained)
      }
      guard let label = UInt16(exactly: label) else {
        throw .tooManyClasses(directory: labelsFile, found: trained.count)
      }
      newLabels.append(label)
    }
    return ImageSet(
      shape: shape, pixels: pixels, labels: labels.map { newLabels[Int($0)] },
      classNames: trained, fit: fit, files: files, imagesFile: imagesFile, labelsFile: labelsFile)
  }
}
