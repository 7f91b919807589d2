import ConvoyPictures

/// A folder of pictures as a data set. All of its parts get the shape and the classes of the training
/// part, or those of a network that is trained already.
final class PictureFiles: DatasetFiles {
  /// What says how pictures become images.
  enum Conversion {
    /// As the options and the training part say.
    case options(PictureOptions)
    /// As a trained network needs them; `classNames` may be nil where labels are numbers.
    case network(TrainedInput, skipsUnreadable: Bool)
  }

  let name = "pictures"
  let folder: PictureFolder
  private let conversion: Conversion
  private let observer: any PictureObserver
  /// Kept, because finding it may open every file.
  private var known: (format: PictureFormat, classNames: [String])?

  init(_ folder: PictureFolder, _ conversion: Conversion, _ observer: any PictureObserver) {
    self.folder = folder
    self.conversion = conversion
    self.observer = observer
  }

  func imagesPath(of split: Dataset.Split) -> String {
    folder.paths[split.part] ?? folder.directory
  }

  func labelsPath(of split: Dataset.Split) -> String { imagesPath(of: split) }

  func hasTestPart() -> Bool { folder.classes[.test] != nil }

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet {
    guard let images = try read(split.part) else {
      throw .incomplete(
        directory: folder.directory, dataset: "a folder of pictures", expected: split.part.names,
        found: folder.paths.values.sorted())
    }
    return images
  }

  func hasValidationPart() -> Bool { folder.classes[.validation] != nil }

  func readValidation() throws(DatasetError) -> ImageSet? { try read(.validation) }

  private func read(_ part: PictureFolder.Part) throws(DatasetError) -> ImageSet? {
    let known = try format()
    return try folder.read(
      part, as: known.format, classNames: known.classNames, skipping: skipsUnreadable, observer)
  }

  private func format() throws(DatasetError) -> (format: PictureFormat, classNames: [String]) {
    if let known { return known }
    let found = try find()
    known = found
    return found
  }

  private var skipsUnreadable: Bool {
    switch conversion {
    case .options(let options): options.skipsUnreadable
    case .network(_, let skipsUnreadable): skipsUnreadable
    }
  }

  private func find() throws(DatasetError) -> (format: PictureFormat, classNames: [String]) {
    switch conversion {
    case .options(let options):
      let names = try folder.trainingClassNames()
      try folder.requireSeveralClasses()
      return (try folder.format(options, observer), names)
    case .network(let input, _):
      return (
        try PictureFormat(for: input),
        input.classNames ?? (0..<input.classes).map(String.init)
      )
    }
  }
}

/// What a trained network takes and tells apart.
package struct TrainedInput: Sendable, Equatable {
  package let shape: ImageShape
  package let fit: PictureFit?
  package let classes: Int
  /// By label; nil if labels are numbers only.
  package let classNames: [String]?
  /// What it was tested on; nil for a test part of the data's own.
  package let testPart: TestPart?

  package init(
    shape: ImageShape, fit: PictureFit?, classes: Int, classNames: [String]?,
    testPart: TestPart? = nil
  ) {
    self.testPart = testPart
    self.shape = shape
    self.fit = fit
    self.classes = classes
    self.classNames = classNames
  }
}

extension Dataset.Split {
  fileprivate var part: PictureFolder.Part {
    switch self {
    case .training: .training
    case .test: .test
    }
  }
}
