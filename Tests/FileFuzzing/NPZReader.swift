import ConvoyDatasets
import ConvoyTestSupport

/// NumPy's archives of images and labels.
struct NPZReader: FuzzedReader {
  static var seeds: [[UInt8]] {
    get throws { try [true, false].map { try archive(NPYReader.seeds[0], NPYReader.labels, $0) } }
  }
  static let words = ["PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "images.npy", "labels.npy"]
  /// Deflate's best.
  private static let largestRatio = 1_032

  private static func archive(
    _ images: [UInt8], _ labels: [UInt8], _ isDeflated: Bool
  ) throws -> [UInt8] {
    try Zip.archive(
      [("images.npy", images), ("labels.npy", labels)], isDeflated: isDeflated)
  }

  private let files: ImageSetFiles

  init() throws { files = try ImageSetFiles(spoiling: "a.npz") }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  /// In half of the cases an array is spoilt, in a sound archive.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    guard mutator.generator.chance(of: 0.5) else { return mutator.mutant(of: file) }
    let isDeflated = mutator.generator.chance(of: 0.5)
    let types: [(type: String, size: Int)] = [
      ("|u1", 1), ("<i2", 2), ("<u4", 4), ("<i8", 8), (">i4", 4),
    ]
    let (type, size) = mutator.generator.pick(types)
    let labels = NPYReader.array(
      type, "5,",
      ImageSetFiles.labels.flatMap { label in
        let zeros = Array(repeating: UInt8(0), count: size - 1)
        return type.hasPrefix(">") ? zeros + [label] : [label] + zeros
      })
    if mutator.generator.chance(of: 0.5) {
      return try archive(NPYReader.seeds[0], mutator.mutant(of: labels), isDeflated)
    }
    return try archive(
      NPYReader.mutant(of: mutator.generator.pick(NPYReader.seeds), &mutator), labels, isDeflated)
  }

  func read(_ file: [UInt8]) throws {
    let set = try files.read(file)
    try Violation.require(
      set.pixels.count == set.count * set.shape.pixelCount, "pixels are not as many as announced")
    try Violation.require(
      set.pixels.count <= file.count * Self.largestRatio, "more pixels than could be compressed")
  }
}
