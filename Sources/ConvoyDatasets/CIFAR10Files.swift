/// CIFAR-10 in its binary version (Krizhevsky, "Learning Multiple Layers of Features from Tiny
/// Images", 2009): files of records, each a byte for the label and then the three colour planes.
struct CIFAR10Files: DatasetFiles {
  let name: String
  let directory: String
  /// In the order of their numbers.
  let trainingBatches: [String]
  let testBatch: String?

  static let subdirectory = "cifar-10-batches-bin"
  private static let testName = "test_batch.bin"

  /// Nil when none of `entries`, the names in `directory`, belongs to CIFAR-10.
  init?(directory: String, entries: [String]) {
    let batches = entries.compactMap { entry in
      Self.batchNumber(of: entry).map { (number: $0, name: entry) }
    }
    trainingBatches = batches.sorted { $0.number < $1.number }.map(\.name)
    testBatch = entries.contains(Self.testName) ? Self.testName : nil
    if trainingBatches.isEmpty && testBatch == nil { return nil }
    self.directory = directory
    let isInner = directory.split(separator: "/").last == Self.subdirectory[...]
    name = isInner ? "CIFAR-10 in \(Self.subdirectory)" : "CIFAR-10"
  }

  func imagesPath(of split: Dataset.Split) -> String {
    "\(directory)/\(batches(of: split).first ?? name)"
  }

  /// The same, since each record holds both.
  func labelsPath(of split: Dataset.Split) -> String { imagesPath(of: split) }

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet {
    let names = batches(of: split)
    guard !names.isEmpty else {
      throw .incomplete(
        directory: directory, dataset: name, expected: [Self.expectedName(of: split)],
        found: batches(of: .training) + batches(of: .test))
    }
    let missing = (1...names.count).map { "data_batch_\($0).bin" }.filter { !names.contains($0) }
    if split == .training, !missing.isEmpty {
      throw .incomplete(
        directory: directory, dataset: name, expected: missing, found: names)
    }
    let files = try names.map { name throws(DatasetError) in
      try FileSource(path: "\(directory)/\(name)")
    }
    let sizes = files.map { min($0.byteCount, CIFAR10Batch.byteLimit) }
    let byteCount = sizes.reduce(0) { $0 + CIFAR10Batch.pixelBytes(ofFile: $1) }
    // All images, and the records of the largest file.
    try files.first?.verifyMemory(byteCount: byteCount + (sizes.max() ?? 0))
    var labels: [UInt16] = []
    var failure: DatasetError?
    // The initializer passes errors on without their type, hence the variable.
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      do throws(DatasetError) {
        for file in files {
          let batch = try CIFAR10Batch(file)
          labels += batch.labels
          filled = unsafe batch.writePixels(to: buffer, from: filled)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return ImageSet(
      shape: CIFAR10Batch.shape, pixels: pixels, labels: labels,
      imagesFile: imagesPath(of: split), labelsFile: labelsPath(of: split))
  }

  private func batches(of split: Dataset.Split) -> [String] {
    switch split {
    case .training: trainingBatches
    case .test: testBatch.map { [$0] } ?? []
    }
  }

  private static func expectedName(of split: Dataset.Split) -> String {
    switch split {
    case .training: "data_batch_1.bin"
    case .test: testName
    }
  }

  static func isFileName(_ name: String) -> Bool {
    name == testName || batchNumber(of: name) != nil
  }

  private static func batchNumber(of name: String) -> Int? {
    let beginning = "data_batch_"
    let ending = ".bin"
    guard name.hasPrefix(beginning), name.hasSuffix(ending) else { return nil }
    let digits = name.dropFirst(beginning.count).dropLast(ending.count)
    guard let number = Int(digits), number > 0, String(number) == digits else { return nil }
    return number
  }
}
