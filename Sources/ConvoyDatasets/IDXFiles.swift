/// A data set in IDX files: a file of images and a file of labels for each split.
struct IDXFiles: DatasetFiles {
  let name: String
  let directory: String
  /// At least one; any of the four kinds may be absent until it is asked for.
  let names: [IDXFileName]

  func imagesPath(of split: Dataset.Split) -> String { path(.images, of: split) }

  func labelsPath(of split: Dataset.Split) -> String { path(.labels, of: split) }

  func hasTestPart() -> Bool { names.contains { $0.split == .test } }

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet {
    let imagesName = try require(.images, of: split)
    let labelsName = try require(.labels, of: split)
    // Labels first: they are small, and a data set with bad ones is refused at once.
    let labels = try read(labelsName)
    let images = try read(imagesName)
    guard images.dimensions[0] == labels.dimensions[0] else {
      throw .countsDiffer(
        imagesFile: images.path, images: images.dimensions[0],
        labelsFile: labels.path, labels: labels.dimensions[0])
    }
    let shape = ImageShape(
      channels: 1, height: images.dimensions[1], width: images.dimensions[2])
    return ImageSet(
      shape: shape, pixels: images.elements, labels: labels.elements.map { UInt16($0) },
      imagesFile: imagesPath(of: split), labelsFile: labelsPath(of: split))
  }

  func readUnlabeled() throws(DatasetError) -> ImageSet {
    let split: Dataset.Split = best(.images, of: .test) == nil ? .training : .test
    let images = try read(require(.images, of: split))
    return ImageSet(
      shape: ImageShape(channels: 1, height: images.dimensions[1], width: images.dimensions[2]),
      unlabeled: images.elements, imagesFile: images.path)
  }

  private func path(_ content: IDXContent, of split: Dataset.Split) -> String {
    "\(directory)/\(best(content, of: split)?.text ?? name)"
  }

  private func read(_ name: IDXFileName) throws(DatasetError) -> IDXFile {
    let file = try FileSource(path: "\(directory)/\(name.text)")
    let source: any ByteSource = name.isCompressed ? try GzipSource(file) : file
    return try IDXFile(from: source, content: name.content, isTransposed: name.isTransposed)
  }

  private func require(
    _ content: IDXContent, of split: Dataset.Split
  ) throws(DatasetError) -> IDXFileName {
    if let name = best(content, of: split) { return name }
    let beginning = IDXFileName.beginning(dataset: name, split: split)
    let expected = "\(beginning)-\(content.nameEndings[0])"
    throw .incomplete(
      directory: directory, dataset: name,
      expected: [expected, expected + IDXFileName.compressedEnding], found: names.map(\.text))
  }

  /// Prefers a plain file to its compressed twin, because it is faster to read; then the name with
  /// `-idx` to the one with `.idx`.
  private func best(_ content: IDXContent, of split: Dataset.Split) -> IDXFileName? {
    func rank(_ name: IDXFileName) -> Int {
      (name.isCompressed ? 2 : 0) + (name.text.contains(content.nameEndings[0]) ? 0 : 1)
    }
    return names.filter { $0.content == content && $0.split == split }
      .min { rank($0) < rank($1) }
  }
}
