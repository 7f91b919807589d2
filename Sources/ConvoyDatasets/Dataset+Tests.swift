import ConvoyPictures

extension Dataset {
  /// Reads the test part of the data set at `path` for a trained network. Pictures get its shape, and
  /// classes are matched by their names where both have names.
  ///
  /// Of a folder of pictures without parts, all pictures are read.
  package static func loadTest(
    from path: String, for input: TrainedInput, skipsUnreadable: Bool = false,
    observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> ImageSet {
    let files = try DatasetDirectory.files(
      at: path, .network(input, skipsUnreadable: skipsUnreadable), observer)
    return try files.read(.test).labeled(like: input)
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
