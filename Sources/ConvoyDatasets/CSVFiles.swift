/// A data set in tables of comma-separated values: `train.csv` and `test.csv`, also with the name of
/// the data set before, as in `fashion-mnist_train.csv`, and compressed by gzip; or one such file.
struct CSVFiles: DatasetFiles {
  let name: String
  private let directory: String
  private let training: String?
  private let test: String?

  /// A single file, all of whose images are for training.
  init(file path: String) {
    name = path
    directory = path
    training = path
    test = nil
  }

  /// - Parameter names: of a directory's files with tables of this data set.
  init(name: String, directory: String, names: [CSVFileName]) {
    self.name = name
    self.directory = directory
    // A plain file is preferred to its compressed twin, because it is faster to read.
    func best(_ split: Dataset.Split) -> String? {
      names.filter { $0.split == split }.min { !$0.isCompressed && $1.isCompressed }
        .map { "\(directory)/\($0.text)" }
    }
    training = best(.training)
    test = best(.test)
  }

  /// Whether there is a table of test images with labels.
  func hasTestPart() throws(DatasetError) -> Bool {
    guard let test else { return false }
    guard let training else { return true }
    let layout = try CSVImages.layout(of: source(test), labels: .optional)
    if layout.hasNames { return layout.labelColumn != nil }
    // Without names, labels show only as one column more.
    return try layout.columns == CSVImages.layout(of: source(training), labels: .required).columns
  }

  func imagesPath(of split: Dataset.Split) -> String {
    (split == .training ? training : test) ?? name
  }

  /// The same, since each row holds both.
  func labelsPath(of split: Dataset.Split) -> String { imagesPath(of: split) }

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet {
    let path = try require(split)
    let images = try CSVImages(source(path), labels: .required)
    return ImageSet(
      shape: images.shape, pixels: images.pixels, labels: images.labels ?? [], imagesFile: path,
      labelsFile: path)
  }

  func readUnlabeled() throws(DatasetError) -> ImageSet {
    let path = try require(test == nil ? .training : .test)
    let images = try CSVImages(source(path), labels: .optional)
    return ImageSet(shape: images.shape, unlabeled: PixelBytes(images.pixels), imagesFile: path)
  }

  private func require(_ split: Dataset.Split) throws(DatasetError) -> String {
    switch split {
    case .training:
      guard let training else {
        throw .incomplete(
          directory: directory, dataset: name, expected: ["train.csv"], found: [test ?? name])
      }
      return training
    case .test:
      guard let test else { throw .noTestPart(file: directory) }
      return test
    }
  }

  private func source(_ path: String) throws(DatasetError) -> any ByteSource {
    let file = try FileSource(path: path)
    return path.hasSuffix(IDXFileName.compressedEnding) ? try GzipSource(file) : file
  }
}

/// The name of a table of images, and what it says about the file.
struct CSVFileName {
  let text: String
  /// What precedes the split; empty in `train.csv`.
  let dataset: String
  let split: Dataset.Split
  let isCompressed: Bool

  /// Nil when `text` is not the name of a table of training or test images.
  init?(_ text: String) {
    isCompressed = text.hasSuffix(IDXFileName.compressedEnding)
    let plain = isCompressed ? text.dropLast(IDXFileName.compressedEnding.count) : text[...]
    guard plain.hasSuffix(Self.ending) else { return nil }
    let stem = plain.dropLast(Self.ending.count)
    for (word, split) in [("train", Dataset.Split.training), ("test", .test)]
    where stem == word || stem.hasSuffix("_\(word)") || stem.hasSuffix("-\(word)") {
      self.text = text
      self.split = split
      dataset = String(stem.dropLast(word.count))
      return
    }
    return nil
  }

  static let ending = ".csv"

  /// Whether a file is one of comma-separated values, compressed or not.
  static func isTable(_ path: String) -> Bool {
    path.hasSuffix(ending) || path.hasSuffix(ending + IDXFileName.compressedEnding)
  }
}
