/// A training set and a test set of images of the same shape.
///
/// The files in a directory determine the format:
///
/// - **IDX**, the format of MNIST, plain or compressed by gzip. MNIST and Fashion-MNIST:
///   `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
///   `t10k-labels-idx1-ubyte`. EMNIST: `emnist-balanced-train-images-idx3-ubyte` and its like for
///   every split of that collection, with `test` in place of `t10k`.
/// - **CIFAR-10, binary version**: `data_batch_1.bin`, `data_batch_2.bin` and so on, and
///   `test_batch.bin`, in the directory or in its subdirectory `cifar-10-batches-bin`. Class names
///   are in `batches.meta.txt`, if that is present.
/// - **CIFAR-100, binary version**: `train.bin` and `test.bin`, in the directory or in its
///   subdirectory `cifar-100-binary`, with the fine labels. Class names are in
///   `fine_label_names.txt`, if that is present.
///
/// - **NumPy**: a file that ends in `.npz`, or `.npy` files, with the arrays `x_train`, `y_train`,
///   `x_test` and `y_test`, or `train_images`, `train_labels`, `test_images` and `test_labels`.
///   Images are of type `uint8` and shape (images, rows, columns), with 1 or 3 channels as a last
///   or second axis; labels are of an integer type. `images` and `labels` have no test part.
///
/// - **Comma-separated values**, plain or compressed by gzip: `train.csv` and `test.csv`, also with a
///   name before, as in `fashion-mnist_train.csv`. A line is an image, see `CSVImages`. A `test.csv`
///   without labels is no test part.
///
/// - **Pictures**: a folder per class, or such folders for training, validation and test; see
///   `PictureFolder`.
///
/// - **Packed**: such a folder, decoded into one file by `pack`; see `PackedFiles`.
///
/// A directory that holds more than one data set is refused, because a silent choice between them
/// would show only as a puzzling accuracy.
///
/// EMNIST's files hold each image column after column; it is turned upright.
package struct Dataset: Sendable, Equatable {
  package let training: ImageSet
  package let test: ImageSet
  /// For judging epochs; a folder of pictures may have such a part.
  package let validation: ImageSet?
  /// The number of class names, or one more than the largest label of the training set. EMNIST
  /// Letters counts its labels from 1, so class 0 has no images.
  package let classes: Int
  /// How the test images were chosen, where the data has no test part.
  package let testPart: TestPart?

  package init(
    training: ImageSet, test: ImageSet, validation: ImageSet? = nil, classes: Int,
    testPart: TestPart? = nil
  ) {
    self.testPart = testPart
    self.validation = validation
    self.training = training
    self.test = test
    self.classes = classes
  }

  /// Whether reading an image has failed.
  package var hasFailed: Bool {
    training.pixels.hasFailed || test.pixels.hasFailed || validation?.pixels.hasFailed == true
  }

  /// Throws the first error of reading images.
  package func requireReadings() throws {
    for part in parts { try part.pixels.requireReadings() }
  }

  private var parts: [ImageSet] { [training, test] + (validation.map { [$0] } ?? []) }

  /// The names of all classes, by label; nil if labels are numbers only.
  package var classNames: [String]? { training.classNames }

  /// Reads both parts of the data set at `path`: a directory, a file that ends in `.npz`, `.csv` or
  /// `.csv.gz`, or a packed file.
  ///
  /// Throws if a test label is not below `classes`, because labels index the outputs of a network.
  ///
  /// - Parameters:
  ///   - testFraction: for a data set without a test part: the share of images, between 0 and 1,
  ///     that become one. Each class gives about that share.
  ///   - seed: chooses them.
  ///   - requirement: of data without a test part and a fraction for it, whose test part has no images.
  ///   - pictures: how pictures become images of one shape.
  ///   - cache: a packed file that holds the images of a folder of pictures between runs, made when
  ///     it is missing or other than the folder and the options; nil for none.
  /// - Throws: `DatasetError`; for a folder of pictures, `.several` with all that keeps it from being
  ///   read.
  package static func load(
    from path: String, testFraction: Double? = nil, seed: UInt64 = 0,
    requiring requirement: TestRequirement = .test, pictures: PictureOptions = PictureOptions(),
    cache: String? = nil,
    observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> Dataset {
    try PictureFolder.reportingTogether(
      path, pictures, requiring: testFraction == nil ? requirement : .nothing, observer
    ) { () throws(DatasetError) in
      try load(
        DatasetDirectory.files(at: path, .options(pictures), cache: cache, observer), path,
        testFraction, seed: seed, requiring: requirement)
    }
  }

  private static func load(
    _ files: any DatasetFiles, _ path: String, _ testFraction: Double?, seed: UInt64,
    requiring requirement: TestRequirement
  ) throws(DatasetError) -> Dataset {
    let (training, test) = try parts(
      of: files, path, testFraction, seed: seed, requiring: requirement)
    guard training.shape == test.shape else {
      throw .shapesDiffer(
        trainingFile: files.imagesPath(of: .training), training: training.shape,
        testFile: files.imagesPath(of: .test), test: test.shape)
    }
    let classes = training.classNames?.count ?? Int(training.labels.max() ?? 0) + 1
    if let image = test.labels.firstIndex(where: { Int($0) >= classes }) {
      throw .unseenTestLabel(
        file: files.labelsPath(of: .test), image: image, label: Int(test.labels[image]),
        classes: classes)
    }
    if let names = training.classNames, names.count == 1 {
      throw .oneClass(directory: path, name: names[0], folders: 0)
    }
    return Dataset(
      training: training, test: test, validation: try files.readValidation(), classes: classes,
      testPart: testFraction.map {
        TestPart(
          fraction: $0, seed: seed, of: training.count + test.count, checksum: test.checksum)
      })
  }

  /// The parts of a data set that may have no test part.
  package struct Parts {
    package let training: ImageSet
    package var test: ImageSet?
    package let validation: ImageSet?
    package var testPart: TestPart?
  }

  /// Reads a data set that may have no test part; there is none then, unless `testFraction` makes one.
  package static func loadParts(
    from path: String, testFraction: Double? = nil, seed: UInt64 = 0,
    pictures: PictureOptions = PictureOptions(),
    observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> Parts {
    try PictureFolder.reportingTogether(
      path, pictures, requiring: .nothing, observer
    ) { () throws(DatasetError) in
      let files = try DatasetDirectory.files(at: path, .options(pictures), observer)
      guard try files.hasTestPart() || testFraction != nil else {
        return Parts(training: try files.read(.training), validation: try files.readValidation())
      }
      let dataset = try load(files, path, testFraction, seed: seed, requiring: .test)
      return Parts(
        training: dataset.training, test: dataset.test, validation: dataset.validation,
        testPart: dataset.testPart)
    }
  }

  private static func parts(
    of files: any DatasetFiles, _ path: String, _ testFraction: Double?, seed: UInt64,
    requiring requirement: TestRequirement = .test
  ) throws(DatasetError) -> (training: ImageSet, test: ImageSet) {
    guard try files.hasTestPart() else {
      guard let testFraction else {
        guard requirement.isMet(test: false, validation: files.hasValidationPart()) else {
          throw .noTestPart(file: path)
        }
        let training = try files.read(.training)
        return (training, training.selecting([]))
      }
      return try files.read(.training).divided(testFraction: testFraction, seed: seed)
    }
    guard testFraction == nil else { throw .testPartPresent(file: path) }
    return (try files.read(.training), try files.read(.test))
  }

  /// Reads one part of the data set at `path`; the files of the other part may be absent, unless a
  /// test fraction is taken from them.
  package static func load(
    _ split: Split, from path: String, testFraction: Double? = nil, seed: UInt64 = 0,
    pictures: PictureOptions = PictureOptions(), cache: String? = nil,
    observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> ImageSet {
    try PictureFolder.reportingTogether(
      path, pictures, requiring: .nothing, observer
    ) { () throws(DatasetError) in
      let files = try DatasetDirectory.files(at: path, .options(pictures), cache: cache, observer)
      guard testFraction != nil else { return try files.read(split) }
      let (training, test) = try parts(of: files, path, testFraction, seed: seed)
      return split == .training ? training : test
    }
  }
}

extension Dataset {
  /// The two parts of a data set.
  package enum Split: String, Sendable, CaseIterable {
    /// What a network learns from.
    case training
    /// What it is judged on.
    case test
  }
}

extension Dataset {
  /// Where the files of a data set are looked for.
  package static func directories(of directory: String) -> [String] {
    [directory] + CIFARVersion.allCases.map { "\(directory)/\($0.subdirectory)" }
  }

  /// Whether a file of this name, somewhere in a folder of pictures, is taken for one of them.
  package static func isPicture(_ name: String) -> Bool { PictureFolder.isNamedAsPicture(name) }

  /// Whether a file of this name, in one of those directories, is taken for one of a data set.
  package static func isFileName(_ name: String) -> Bool {
    IDXFileName(name) != nil || NumPyFiles.isArchive(name)
      || CSVFileName(name) != nil
      || NumPyNames.all.contains { $0.fileNames.contains(name) }
      || CIFARVersion.allCases.contains { $0.isFileName(name) }
  }
}
