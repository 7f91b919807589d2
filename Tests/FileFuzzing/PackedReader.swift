import ConvoyDatasets
import ConvoyPictures
import ConvoyTestSupport
import ConvoyZlib
import Foundation

/// Packed files of pictures with two or three parts, read as a data set.
struct PackedReader: FuzzedReader {
  private static let headSize = 4_096
  private static let endSize = 24

  static var seeds: [[UInt8]] {
    get throws { try [1, 3].map { try seed(channels: $0) } }
  }
  static let words: [String] = []

  private static func seed(channels: Int) throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    for (number, name) in ["train/a/1", "train/b/2", "val/a/3", "test/b/4"].enumerated() {
      let bytes = (0..<6 * channels).map { UInt8(truncatingIfNeeded: $0 * 37 + number) }
      let picture = Picture(width: 3, height: 2, channels: channels, bytes: bytes)
      try directory.write(PNGFile.encode(picture), to: "pictures/\(name).png")
      // The file has the times of the pictures, and a seed is always the same.
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)],
        ofItemAtPath: directory.path(of: "pictures/\(name).png"))
    }
    let file = directory.path(of: "packed")
    _ = try Dataset.pack(directory.path(of: "pictures"), to: file)
    return [UInt8](try Data(contentsOf: URL(filePath: file)))
  }

  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  /// In most cases the table is what changes, and place and checksum fit.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    guard mutator.generator.chance(of: 0.8), let offset = tableOffset(file) else {
      return mutator.mutant(of: file)
    }
    let table = mutator.mutant(of: Array(file[offset..<file.count - endSize]))
    return complete(Array(file[..<offset]) + table, tableAt: offset)
  }

  /// Where the end says that the table begins; nil if that is not in the file.
  private static func tableOffset(_ file: [UInt8]) -> Int? {
    guard file.count >= headSize + endSize else { return nil }
    let offset = file.suffix(endSize).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    return offset >= headSize && offset <= file.count - endSize ? Int(offset) : nil
  }

  private static func complete(_ body: [UInt8], tableAt offset: Int) -> [UInt8] {
    func bytes(_ number: Int, _ size: Int) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    func sum(_ covered: [UInt8]) -> [UInt8] { bytes(Int(crc32_z(0, covered, covered.count)), 4) }
    let place =
      bytes(offset, 8) + bytes(body.count - offset, 8) + sum(Array(body[headSize..<offset]))
    return body + place + sum(Array(body[..<headSize]) + body[offset...] + place)
  }

  static func madeWhole(_ file: [UInt8]) -> [UInt8] {
    guard let offset = tableOffset(file) else { return file }
    return complete(Array(file.dropLast(endSize)), tableAt: offset)
  }

  func read(_ file: [UInt8]) throws {
    try file.write(to: directory.path(of: "packed"))
    let dataset = try Dataset.load(from: directory.path(of: "packed"))
    try Violation.require(Self.madeWhole(file) == file, "a wrong checksum was accepted")
    let parts = [dataset.training, dataset.test] + [dataset.validation].compactMap(\.self)
    let pixels = file[Self.headSize..<(Self.tableOffset(file) ?? 0)]
    try Violation.require(
      parts.reduce(0) { $0 + $1.pixels.count } == pixels.count, "pixels are not the file's")
    try Violation.require(
      parts.flatMap(\.pixels).sorted() == pixels.sorted(), "pixels are not the file's")
    for part in parts {
      try Violation.require(
        part.pixels.count == part.count * part.shape.pixelCount
          && part.labels.allSatisfy { $0 < dataset.classNames?.count ?? 0 },
        "labels without a class")
    }
  }
}
