import ConvoyPictures
import ConvoyTestSupport
import Foundation

/// Pictures of all kinds; of JPEG where libturbojpeg is installed.
struct PictureReader: FuzzedReader {
  private struct Fixture: Decodable {
    let file: Data
  }

  /// The small files of the tests of pictures.
  static var seeds: [[UInt8]] {
    get throws {
      let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../PicturesTests/Fixtures/pictures.json")
      return try JSONDecoder().decode([Fixture].self, from: Data(contentsOf: file))
        .map { [UInt8]($0.file) }.filter(isRead)
    }
  }
  static let words = [
    "IHDR", "PLTE", "tRNS", "IDAT", "eXIf", "IEND", "Exif\0\0", "II*\0", "MM\0*", "P1", "P6 ",
    "# \n", " 65535\n", "BM",
  ]

  private static func isRead(_ file: [UInt8]) -> Bool {
    do {
      _ = try Picture.decode(file, path: "")
      return true
    } catch PictureError.missingLibrary {
      return false
    } catch {
      return true
    }
  }

  static func isRefusal(_ error: any Error) -> Bool { error is PictureError }

  /// In most cases with right checksums, or no reader of PNG would look further.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) -> [UInt8] {
    let mutant = mutator.mutant(of: file)
    return mutator.generator.chance(of: 0.8) ? PNGBytes.withChecksums(mutant) : mutant
  }

  static func madeWhole(_ file: [UInt8]) -> [UInt8] { PNGBytes.withChecksums(file) }

  func read(_ file: [UInt8]) throws {
    let path = "picture"
    let header: PictureHeader
    do {
      header = try PictureHeader(file, path: path)
    } catch {
      // What has no header has no pixels.
      if (try? Picture.decode(file, path: path)) != nil {
        throw Violation("decoded without a header: \(error)")
      }
      throw error
    }
    let picture = try Picture.decode(file, path: path)
    try Violation.require(picture.size == header.size, "\(picture.size), not \(header.size)")
    try Violation.require((picture.channels == 3) == header.isColoured, "the channels")
    let small = try Picture.decode(file, path: path, atLeast: PictureSize(width: 3, height: 2))
    try Violation.require(
      small.width >= min(3, picture.width) && small.height >= min(2, picture.height),
      "smaller than asked for")
    guard picture.bytes.count <= 10_000 else { return }
    let written = PNGFile.encode(picture)
    try Violation.require(
      try Picture.decode(written, path: path) == picture, "what was read changes when written")
    let resized = picture.resized(to: PictureSize(width: 5, height: 7), fit: .crop)
    try Violation.require(
      (resized.bytes.max() ?? 0) <= (picture.bytes.max() ?? 0), "brighter when resized")
  }
}
