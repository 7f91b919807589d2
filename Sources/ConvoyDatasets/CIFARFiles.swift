/// A directory with files of CIFAR-10 or CIFAR-100.
struct CIFARFiles: DatasetFiles {
  let name: String
  let directory: String
  private let version: CIFARVersion
  /// In the order of their numbers.
  private let trainingFiles: [String]
  private let testFile: String?
  private let hasClassNames: Bool

  /// Far more than any file has.
  private static let byteLimit = 1 << 40

  /// Nil when none of `entries`, the names in `directory`, has images of the version.
  init?(_ version: CIFARVersion, directory: String, entries: [String]) {
    let numbered = entries.compactMap { entry in
      version.trainingNumber(of: entry).map { (number: $0, name: entry) }
    }
    trainingFiles = numbered.sorted { $0.number < $1.number }.map(\.name)
    testFile = entries.contains(version.testName) ? version.testName : nil
    if trainingFiles.isEmpty && testFile == nil { return nil }
    hasClassNames = entries.contains(version.classNamesFile)
    self.version = version
    self.directory = directory
    let isInner = directory.split(separator: "/").last == version.subdirectory[...]
    name = isInner ? "\(version.name) in \(version.subdirectory)" : version.name
  }

  func imagesPath(of split: Dataset.Split) -> String {
    "\(directory)/\(names(of: split).first ?? name)"
  }

  /// The same, since each record holds both.
  func labelsPath(of split: Dataset.Split) -> String { imagesPath(of: split) }

  func hasTestPart() -> Bool { testFile != nil }

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet {
    let names = names(of: split)
    guard !names.isEmpty else {
      let expected = split == .training ? version.trainingName(1) : version.testName
      throw .incomplete(
        directory: directory, dataset: name, expected: [expected],
        found: self.names(of: .training) + self.names(of: .test))
    }
    let missing = (1...names.count).map(version.trainingName).filter { !names.contains($0) }
    if split == .training, !missing.isEmpty {
      throw .incomplete(directory: directory, dataset: name, expected: missing, found: names)
    }
    var classNames: [String]?
    if hasClassNames {
      classNames = try ClassNames.read(
        "\(directory)/\(version.classNamesFile)", count: version.classes)
    }
    let files = try names.map { name throws(DatasetError) in
      try FileSource(path: "\(directory)/\(name)")
    }
    for file in files { try checkSize(of: file) }
    if let records = PlanarRecords(ofLarge: files, version) {
      var labels: [UInt16] = []
      labels.reserveCapacity(records.count)
      for (file, bytes) in zip(files, records.fileBytes) {
        try addLabels(of: bytes, to: &labels, file: file.path)
      }
      return ImageSet(
        shape: CIFARVersion.shape, pixels: PixelBytes(records), labels: labels,
        classNames: classNames, imagesFile: imagesPath(of: split), labelsFile: labelsPath(of: split)
      )
    }
    let images = files.reduce(0) { $0 + $1.byteCount / version.recordSize }
    // All images, and the records of the largest file.
    let byteCount = images * CIFARVersion.shape.pixelCount
    let largest = files.map(\.byteCount).max() ?? 0
    try files.first?.verifyMemory(byteCount: byteCount + largest)
    var labels: [UInt16] = []
    labels.reserveCapacity(images)
    var pixels: [UInt8] = []
    pixels.reserveForImages(byteCount: byteCount)
    for file in files {
      let records = try file.take(file.byteCount, at: 0)
      try addLabels(of: records, to: &labels, file: file.path)
      addImages(of: records, to: &pixels)
    }
    return ImageSet(
      shape: CIFARVersion.shape, pixels: pixels, labels: labels, classNames: classNames,
      imagesFile: imagesPath(of: split), labelsFile: labelsPath(of: split))
  }

  private func names(of split: Dataset.Split) -> [String] {
    switch split {
    case .training: trainingFiles
    case .test: testFile.map { [$0] } ?? []
    }
  }

  private func checkSize(of file: FileSource) throws(DatasetError) {
    guard file.byteCount > 0 else { throw .emptySet(file: file.path) }
    guard file.byteCount <= Self.byteLimit else {
      throw .tooLarge(file: file.path, limit: Self.byteLimit, dimensions: [file.byteCount])
    }
    guard file.byteCount.isMultiple(of: version.recordSize) else {
      throw .partialRecord(
        file: file.path, recordSize: version.recordSize, found: file.byteCount)
    }
  }

  private func addLabels(
    of records: some RandomAccessCollection<UInt8>, to labels: inout [UInt16], file: String
  ) throws(DatasetError) {
    for record in stride(from: 0, to: records.count, by: version.recordSize) {
      let offset = record + version.labelSize - 1
      let label = records[records.index(records.startIndex, offsetBy: offset)]
      guard label < version.classes else {
        throw .labelOutOfRange(
          file: file, offset: offset, classes: version.classes, found: Int(label))
      }
      labels.append(UInt16(label))
    }
  }

  /// Converts images from colour planes to interleaved channels.
  private func addImages(of records: [UInt8], to pixels: inout [UInt8]) {
    let planeSize = CIFARVersion.shape.height * CIFARVersion.shape.width
    for record in stride(from: 0, to: records.count, by: version.recordSize) {
      let red = record + version.labelSize
      for place in red..<red + planeSize {
        pixels.append(records[place])
        pixels.append(records[place + planeSize])
        pixels.append(records[place + 2 * planeSize])
      }
    }
  }
}
