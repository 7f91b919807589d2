import ConvoyDatasets

/// Files of CIFAR-100's binary version.
struct CIFAR100Reader: FuzzedReader {
  /// One byte more than CIFAR-10's, for the coarse label.
  static let seeds: [[UInt8]] = CIFAR10Reader.seeds.map { file in
    stride(from: 0, to: file.count, by: 3_073).flatMap { [7] + file[$0..<$0 + 3_073] }
  }
  static let words: [String] = []

  private let files: ImageSetFiles

  init() throws { files = try ImageSetFiles(spoiling: "train.bin") }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    try CIFAR10Reader.mutant(of: file, &mutator)
  }

  func read(_ file: [UInt8]) throws {
    let set = try files.read(file)
    try Violation.require(set.count * 3_074 == file.count, "records are not the file's")
    for image in 0..<set.count {
      let record = file[(image * 3_074)...].prefix(3_074)
      try Violation.require(
        set.labels[image] == UInt16(record[record.startIndex + 1]) && set.labels[image] < 100,
        "the label of image \(image)")
      try CIFAR10Reader.requirePixels(of: image, in: set, Array(record.dropFirst(2)))
    }
  }
}
