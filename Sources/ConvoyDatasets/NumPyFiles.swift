/// A data set of NumPy's arrays: entries of an `.npz` archive, or `.npy` files in a directory.
struct NumPyFiles: DatasetFiles {
  let name: String
  private let directory: String
  private let scheme: NumPyNames
  private let arrays: Arrays

  private enum Arrays {
    case archive(ZipArchive)
    case files([String])
  }

  /// - Throws: if the archive is damaged, or has not the arrays of one data set.
  init(archive path: String) throws(DatasetError) {
    let archive = try ZipArchive(FileSource(path: path))
    let names = archive.entries.map(\.name)
    let schemes = NumPyNames.all.filter { $0.isPart(in: names) }
    guard let scheme = schemes.first else {
      throw .damaged(
        file: path, at: .whole,
        expected: "arrays named " + NumPyNames.all.map(\.text).joined(separator: ", or "),
        found: DatasetError.list(names))
    }
    guard schemes.count == 1 else {
      throw .ambiguous(directory: path, found: schemes.map(\.text))
    }
    self.scheme = scheme.withoutAbsentTest(among: names)
    directory = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    arrays = .archive(archive)
  }

  /// Nil when none of `entries`, the names in `directory`, is one of the scheme.
  init?(_ scheme: NumPyNames, directory: String, entries: [String]) {
    guard scheme.isPart(in: entries) else { return nil }
    self.scheme = scheme.withoutAbsentTest(among: entries)
    self.directory = directory
    name = scheme.text
    arrays = .files(entries.filter(scheme.fileNames.contains))
  }

  static func isArchive(_ path: String) -> Bool { path.hasSuffix(".npz") }

  func hasTestPart() -> Bool { scheme.test != nil }

  func imagesPath(of split: Dataset.Split) -> String {
    path(of: scheme.names(of: split)?.images ?? name)
  }

  func labelsPath(of split: Dataset.Split) -> String {
    path(of: scheme.names(of: split)?.labels ?? name)
  }

  private func path(of array: String) -> String {
    switch arrays {
    case .archive: "\(directory), \(array).npy"
    case .files: "\(directory)/\(array).npy"
    }
  }

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet {
    guard let names = scheme.names(of: split) else { throw .noTestPart(file: directory) }
    // Labels first: they are small, and a data set with bad ones is refused at once.
    let labels = try NPYArray.labels(source(names.labels))
    let images = try NPYArray.images(source(names.images))
    guard images.count == labels.count else {
      throw .countsDiffer(
        imagesFile: imagesPath(of: split), images: images.count,
        labelsFile: labelsPath(of: split), labels: labels.count)
    }
    return ImageSet(
      shape: images.shape, pixels: images.pixels, labels: labels,
      imagesFile: imagesPath(of: split), labelsFile: labelsPath(of: split))
  }

  func readUnlabeled() throws(DatasetError) -> ImageSet {
    let names = scheme.test ?? scheme.training
    let images = try NPYArray.images(source(names.images))
    return ImageSet(
      shape: images.shape, unlabeled: images.pixels, imagesFile: path(of: names.images))
  }

  private func source(_ array: String) throws(DatasetError) -> any ByteSource {
    let file = "\(array).npy"
    switch arrays {
    case .archive(let archive):
      guard let entry = archive.entries.first(where: { $0.name == file }) else {
        throw .incomplete(
          directory: directory, dataset: name, expected: [file],
          found: [DatasetError.list(archive.entries.map(\.name))])
      }
      return try archive.source(of: entry)
    case .files(let names):
      guard names.contains(file) else {
        throw .incomplete(directory: directory, dataset: name, expected: [file], found: names)
      }
      return try FileSource(path: "\(directory)/\(file)")
    }
  }
}

/// The names of the arrays of a data set.
struct NumPyNames {
  let training: (images: String, labels: String)
  /// Nil if the set has no test part.
  let test: (images: String, labels: String)?

  /// Keras' `mnist.npz`, another custom, and images that are not divided.
  static let all = [
    NumPyNames(training: ("x_train", "y_train"), test: ("x_test", "y_test")),
    NumPyNames(
      training: ("train_images", "train_labels"), test: ("test_images", "test_labels")),
    NumPyNames(training: ("images", "labels"), test: nil),
  ]

  /// The same names, but for those of a test part of which there is nothing.
  func withoutAbsentTest(among names: [String]) -> NumPyNames {
    guard let test, !names.contains("\(test.images).npy"), !names.contains("\(test.labels).npy")
    else { return self }
    return NumPyNames(training: training, test: nil)
  }

  func names(of split: Dataset.Split) -> (images: String, labels: String)? {
    split == .training ? training : test
  }

  var fileNames: [String] {
    [training, test].flatMap { $0.map { [$0.images, $0.labels] } ?? [] }.map { "\($0).npy" }
  }

  /// What an error calls them.
  var text: String { fileNames.joined(separator: ", ") }

  func isPart(in names: [String]) -> Bool { fileNames.contains(where: names.contains) }
}
