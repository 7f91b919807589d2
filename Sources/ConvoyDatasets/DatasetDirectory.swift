import Foundation

/// A directory in which one data set is looked for.
struct DatasetDirectory {
  /// As the caller gave it, without slashes at the end.
  let path: String
  /// In alphabetical order, so that what is found does not depend on the file system.
  private let entries: [String]

  /// The files of the data set at a path: those in a directory, or a single file.
  ///
  /// - Parameters:
  ///   - pictures: what pictures are to become.
  ///   - cache: the packed file that a folder of pictures is read from, and packed into first if it is
  ///     not there or not of the folder as it is now; nil for none.
  static func files(
    at path: String, _ pictures: PictureFiles.Conversion, cache: String? = nil,
    _ observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> any DatasetFiles {
    let files = try files(at: path, pictures, observer)
    guard let cache else { return files }
    guard let files = files as? PictureFiles, case .options(let options) = pictures else {
      throw .noPictureFolder(path: path)
    }
    return try files.folder.cached(in: cache, options, observer)
  }

  private static func files(
    at path: String, _ pictures: PictureFiles.Conversion, _ observer: any PictureObserver
  ) throws(DatasetError) -> any DatasetFiles {
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      if PackedFiles.isPacked(path) {
        let files = try PackedFiles(path: path)
        if case .options(let options) = pictures { try files.require(options) }
        return files
      }
      if NumPyFiles.isArchive(path) { return try NumPyFiles(archive: path) }
      if CSVFileName.isTable(path) { return CSVFiles(file: path) }
    }
    return try DatasetDirectory(path).files(pictures, observer)
  }

  /// The data set of arrays in a directory; nil if there is none.
  static func arrays(at path: String) throws(DatasetError) -> (any DatasetFiles)? {
    let directory = try DatasetDirectory(path)
    let found = try directory.arrays()
    guard found.count <= 1 else {
      throw .ambiguous(directory: path, found: found.map(\.name))
    }
    return found.first
  }

  private init(_ path: String) throws(DatasetError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    var status = stat()
    if unsafe stat(path, &status) != 0 {
      if errno == ENOENT { throw .missingDirectory(directory: path) }
      throw unsafe .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory(file: path) }
    guard unsafe access(path, R_OK | X_OK) == 0 else {
      throw unsafe .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw .unreadable(file: path, reason: error.localizedDescription)
    }
  }

  /// The files of the only data set in the directory. Throws if there is none, or more than one.
  private func files(
    _ pictures: PictureFiles.Conversion, _ observer: any PictureObserver
  ) throws(DatasetError) -> any DatasetFiles {
    let found = try arrays()
    let folder = try PictureFolder(directory: path, entries: entries)
    if let folder {
      guard found.isEmpty else {
        throw .ambiguous(directory: path, found: found.map(\.name) + ["folders of pictures"])
      }
      return PictureFiles(folder, pictures, observer)
    }
    guard let first = found.first else {
      guard !entries.contains(where: PictureFolder.isNamedAsPicture) else {
        throw .noClassFolders(directory: path)
      }
      throw .nothingFound(directory: path, expected: Self.recognised)
    }
    guard found.count == 1 else {
      throw .ambiguous(directory: path, found: found.map(\.name))
    }
    return first
  }

  private func arrays() throws(DatasetError) -> [any DatasetFiles] {
    let archives = entries.filter(NumPyFiles.isArchive)
    guard archives.count <= 1 else { throw .ambiguous(directory: path, found: archives) }
    return try idxFiles() + cifarFiles() + numPyFiles(archives) + csvFiles()
  }

  private static let recognised = [
    "train-images-idx3-ubyte (MNIST)",
    "emnist-<split>-train-images-idx3-ubyte (EMNIST)",
    "data_batch_1.bin (CIFAR-10)",
    "train.bin (CIFAR-100)",
    "<name>.npz or x_train.npy (NumPy)",
    "train.csv",
    "a folder of pictures per class",
  ]

  private func numPyFiles(_ archives: [String]) throws(DatasetError) -> [any DatasetFiles] {
    let files = NumPyNames.all.compactMap {
      NumPyFiles($0, directory: path, entries: entries)
    }
    return try files
      + archives.map { name throws(DatasetError) in
        try NumPyFiles(archive: "\(path)/\(name)")
      }
  }

  private func csvFiles() -> [any DatasetFiles] {
    let names = Dictionary(grouping: entries.compactMap(CSVFileName.init), by: \.dataset)
    return names.sorted { $0.key < $1.key }.map { dataset, names in
      CSVFiles(name: "\(dataset)*.csv", directory: path, names: names)
    }
  }

  private func idxFiles() -> [any DatasetFiles] {
    let names = Dictionary(grouping: entries.compactMap(IDXFileName.init), by: \.dataset)
    return names.sorted { $0.key < $1.key }.map { name, names in
      IDXFiles(name: name, directory: path, names: names)
    }
  }

  /// The archives unpack into subdirectories; both these and their parent are accepted.
  private func cifarFiles() throws(DatasetError) -> [any DatasetFiles] {
    var found: [any DatasetFiles] = []
    for version in CIFARVersion.allCases {
      if let files = CIFARFiles(version, directory: path, entries: entries) { found.append(files) }
      guard entries.contains(version.subdirectory) else { continue }
      let inner = try DatasetDirectory("\(path)/\(version.subdirectory)")
      if let files = CIFARFiles(version, directory: inner.path, entries: inner.entries) {
        found.append(files)
      }
    }
    return found
  }
}

/// The files of one data set, found but not yet read.
protocol DatasetFiles {
  /// What an error calls the data set.
  var name: String { get }

  /// Where the images of `split` are, for errors; the first file of several.
  func imagesPath(of split: Dataset.Split) -> String

  /// Where the labels of `split` are, likewise.
  func labelsPath(of split: Dataset.Split) -> String

  /// Whether there are test images apart from the training images.
  func hasTestPart() throws(DatasetError) -> Bool

  /// Whether there are images for judging epochs.
  func hasValidationPart() -> Bool

  /// The images for judging epochs, if there is such a part.
  func readValidation() throws(DatasetError) -> ImageSet?

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet

  /// The test images, or all if there is no test part, without labels.
  func readUnlabeled() throws(DatasetError) -> ImageSet
}

extension DatasetFiles {
  func hasValidationPart() -> Bool { false }

  func readValidation() -> ImageSet? { nil }

  func readUnlabeled() throws(DatasetError) -> ImageSet {
    let images = try read(hasTestPart() ? .test : .training)
    return ImageSet(shape: images.shape, unlabeled: images.pixels, imagesFile: images.imagesFile)
  }
}
