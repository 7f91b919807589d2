import ConvoyDatasets
import ConvoyTestSupport

/// Batches of CIFAR-10's binary version.
struct CIFAR10Reader: FuzzedReader {
  private static let planeSize = 32 * 32
  private static let recordSize = 1 + 3 * planeSize

  static let seeds: [[UInt8]] = [1, 2].map { records in
    (0..<records).flatMap(record)
  }
  static let words: [String] = []

  private static func record(_ label: Int) -> [UInt8] {
    let pixels = (0..<recordSize - 1).map { UInt8(truncatingIfNeeded: $0 * 7 + label) }
    return [UInt8(label)] + pixels
  }

  private let files: ImageSetFiles

  init() throws { files = try ImageSetFiles(spoiling: "data_batch_1.bin") }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  /// In half of the cases only bytes change, since any other size is refused at once.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    var mutant = mutator.mutant(of: file)
    if mutator.generator.chance(of: 0.5) {
      mutant = Array((mutant + file).prefix(file.count))
    }
    return mutant
  }

  func read(_ file: [UInt8]) throws {
    let set = try files.read(file)
    try Violation.require(set.count * Self.recordSize == file.count, "records are not the file's")
    for image in 0..<set.count {
      let record = file[(image * Self.recordSize)...].prefix(Self.recordSize)
      try Violation.require(
        set.labels[image] == UInt16(record[record.startIndex]) && set.labels[image] < 10,
        "the label of image \(image)")
      try Self.requirePixels(of: image, in: set, Array(record.dropFirst()))
    }
  }

  /// - Parameter planes: the pixels as a record has them.
  static func requirePixels(of image: Int, in set: ImageSet, _ planes: [UInt8]) throws {
    let areThose = set.pixels.withImage(image, size: planes.count) { pixels in
      pixels.indices.allSatisfy { pixels[$0] == planes[$0 % 3 * planeSize + $0 / 3] }
    }
    try Violation.require(areThose, "the pixels of image \(image)")
  }
}
