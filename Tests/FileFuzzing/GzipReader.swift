import ConvoyDatasets
import ConvoyTestSupport

/// IDX files of images compressed by gzip.
struct GzipReader: FuzzedReader {
  /// Also in two members, and compressed nearly as far as it goes.
  static var seeds: [[UInt8]] {
    get throws {
      let images = ImageSetFiles.images(rows: 9, columns: 7)
      return [
        try Gzip.member(images),
        try Gzip.member(Array(images.prefix(100))) + Gzip.member(Array(images.dropFirst(100))),
        try Gzip.member(ImageSetFiles.images(rows: 100, columns: 100) { _ in 0 }),
      ]
    }
  }
  static let words: [String] = []
  /// Deflate's best.
  private static let largestRatio = 1_032

  private let files: ImageSetFiles

  init() throws {
    files = try ImageSetFiles(
      spoiling: ImageSetFiles.imagesName + ".gz",
      beside: [
        ImageSetFiles.labelsName: ImageSetFiles.idx(0x801, [5], ImageSetFiles.labels)
      ])
  }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  /// In half of the cases what is compressed is spoilt, in sound gzip.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    guard mutator.generator.chance(of: 0.5) else { return mutator.mutant(of: file) }
    let size = mutator.generator.integer(in: 1...40)
    let inner = mutator.mutant(of: ImageSetFiles.images(rows: size, columns: size))
    let cut = mutator.generator.integer(in: 0...inner.count)
    return try Gzip.member(Array(inner.prefix(cut)))
      + (cut < inner.count ? Gzip.member(Array(inner.dropFirst(cut))) : [])
  }

  func read(_ file: [UInt8]) throws {
    let set = try files.read(file)
    try Violation.require(
      set.pixels.count == set.count * set.shape.pixelCount, "pixels are not as many as announced")
    try Violation.require(
      set.pixels.count <= file.count * Self.largestRatio, "more pixels than could be compressed")
  }
}
