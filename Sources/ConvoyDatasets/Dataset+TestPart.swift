import ConvoyPictures

extension Dataset {
  /// Reads the test part of the data set at `path` for a trained network. Pictures get its shape, and
  /// classes are matched by their names where both have names.
  ///
  /// - Parameters:
  ///   - testFraction: of data without a test part, this fraction is read: the one that `load` takes
  ///     for the same seed. Without a fraction, all images are.
  /// - Returns: the images, and whether they are all of data without a test part.
  package static func loadTest(
    from path: String, for input: TrainedInput, testFraction: Double? = nil, seed: UInt64 = 0,
    skipsUnreadable: Bool = false, observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> (images: ImageSet, areAll: Bool) {
    let files = try DatasetDirectory.files(
      at: path, .network(input, skipsUnreadable: skipsUnreadable), observer)
    guard try !files.hasTestPart() else {
      guard testFraction == nil else { throw .testPartPresent(file: path) }
      return (try files.read(.test).labeled(like: input), false)
    }
    let all = try files.read(.training).labeled(like: input)
    guard let testFraction else { return (all, true) }
    return (try all.divided(testFraction: testFraction, seed: seed).test, false)
  }
}

extension ImageSet {
  /// The images with the network's label for each class name.
  fileprivate func labeled(like input: TrainedInput) throws(DatasetError) -> ImageSet {
    guard let names = classNames, let trained = input.classNames, names != trained else {
      return self
    }
    let labelsByName = Dictionary(zip(trained, trained.indices), uniquingKeysWith: { a, _ in a })
    var newLabels: [UInt16] = []
    for name in names {
      guard let label = labelsByName[name] else {
        throw .unknownClass(directory: "\(labelsFile): \(name)", classes: trained)
      }
      newLabels.append(UInt16(label))
    }
    return ImageSet(
      shape: shape, pixels: pixels, labels: labels.map { newLabels[Int($0)] },
      classNames: trained, fit: fit, imagesFile: imagesFile, labelsFile: labelsFile)
  }
}
