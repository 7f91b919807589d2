import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyDatasets

@Suite("Zip archives")
struct ZipTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func little(_ number: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// CRC-32 of "123456789", the check value of every description of it.
  private static let checksum = 0xCBF4_3926
  private static let content = Array("123456789".utf8)

  /// An archive of one stored entry, with all sizes in 64 bits, as NumPy writes large arrays.
  private func large(checksum: Int = checksum, size: Int = 9, offset: Int = 0) -> [UInt8] {
    let name = Array("a.npy".utf8)
    let local =
      little(0x0403_4B50, 4) + little(45, 2) + little(0, 12) + little(-1, 8)
      + little(5, 2) + little(20, 2) + name + little(1, 2) + little(16, 2) + little(9, 8)
      + little(9, 8) + Self.content
    let entry =
      little(0x0201_4B50, 4) + little(45, 4) + little(0, 8) + little(checksum, 4) + little(-1, 8)
      + little(5, 2) + little(32, 2) + little(0, 10) + little(-1, 4) + name
      // An unknown field before the sizes.
      + little(7, 2) + little(0, 2) + little(1, 2) + little(24, 2) + little(size, 8)
      + little(size, 8) + little(offset, 8)
    let record =
      little(0x0606_4B50, 4) + little(44, 8) + little(45, 4) + little(0, 8) + little(1, 8)
      + little(1, 8) + little(entry.count, 8) + little(local.count, 8)
    let locator =
      little(0x0706_4B50, 4) + little(0, 4) + little(local.count + entry.count, 8) + little(1, 4)
    return local + entry + record + locator + little(0x0605_4B50, 4) + little(0, 4)
      + little(-1, 12) + little(0, 2)
  }

  private func read(_ bytes: [UInt8]) throws -> [UInt8] {
    try directory.write(bytes, to: "a.npz")
    let archive = try ZipArchive(FileSource(path: directory.path(of: "a.npz")))
    let entry = try #require(archive.entries.first)
    let source = try archive.source(of: entry)
    try source.verify(byteCount: 9)
    return try source.take(4, at: 0) + source.rest(5, at: 4)
  }

  @Test("64-bit sizes")
  func large() throws {
    #expect(try read(large()) == Self.content)
  }

  private func message(_ bytes: [UInt8]) -> String {
    do {
      return "\(try read(bytes))"
    } catch {
      return "\(error)"
    }
  }

  @Test("What does not fit is refused")
  func refusals() throws {
    #expect(message(large(checksum: 1)).contains("expected checksum 0x1, found 0xcbf43926"))
    #expect(message(large(size: 8)).contains("truncated"))
    #expect(message(large(size: 1_000)).contains("within the archive"))
    #expect(message(large(size: -1)).contains("an entry of the directory"))
    #expect(message(large(offset: 1)).contains("the header of an entry"))
    #expect(message(large(offset: 1 << 40)).contains("within the archive"))
    #expect(message(large() + [0]).contains("the end of a zip archive"))
    // The number of the part, and where the directory begins.
    for place in [18, 16] {
      var bytes: [UInt8] = large(offset: 0)
      bytes[bytes.count - place] = 3
      #expect(message(bytes).contains("an archive in one part"))
    }
    #expect(message([]).contains("the end of a zip archive"))
  }

  @Test(
    "An archive cut at every seventh length, and every seventh byte changed",
    arguments: [
      "stored.npz", "deflated.npz", "descriptors.npz",
    ])
  func damage(name: String) throws {
    let whole = try NumPyTests.fixture(name)
    for length in stride(from: 0, to: whole.count, by: 7) {
      try directory.write(Array(whole.prefix(length)), to: "a.npz")
      #expect(throws: DatasetError.self) { try Dataset.load(.training, from: directory.path) }
    }
    // Copies, because the file is mapped.
    func read(_ bytes: [UInt8]) throws -> [[UInt16]] {
      try directory.write(bytes, to: "a.npz")
      let set = try Dataset.load(.training, from: directory.path)
      return [set.labels, set.pixels.map { UInt16($0) }]
    }
    let before = try read(whole)
    var accepted = 0
    for place in stride(from: 0, to: whole.count, by: 7) {
      var bytes = whole
      bytes[place] ^= 0x40
      // Times, versions and the like mean nothing here; all else is refused.
      guard let set = try? read(bytes) else { continue }
      accepted += 1
      #expect(set == before, "byte \(place)")
    }
    #expect(accepted > 0 && accepted < whole.count / 7)
  }
}
