import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyPictures

@Suite("Decoding pictures") struct DecodingTests {
  /// Tests of JPEG are skipped where the library is missing.
  static let hasTurboJPEG = TurboJPEG.shared != nil

  @Test("Pixels and headers equal Pillow's", arguments: PictureFixture.others)
  func pixels(fixture: PictureFixture) throws {
    try expectPixels(of: fixture)
  }

  @Test(
    "Pixels and headers of JPEG equal Pillow's",
    .enabled(if: hasTurboJPEG, "libturbojpeg is not installed"), arguments: PictureFixture.jpeg)
  func jpegPixels(fixture: PictureFixture) throws {
    try expectPixels(of: fixture)
  }

  private func expectPixels(of fixture: PictureFixture) throws {
    let picture = try Picture.decode(
      fixture.bytes, path: fixture.name, atLeast: fixture.smallestSize)
    #expect(picture.size == fixture.picture.size)
    #expect(picture.channels == fixture.channels)
    let differing = zip(picture.bytes, fixture.pixels).enumerated().filter { $1.0 != $1.1 }
    #expect(
      differing.isEmpty, "\(differing.count) bytes, the first at \(differing.first?.offset ?? 0)")
    let header = try PictureHeader(fixture.bytes, path: fixture.name)
    if fixture.atLeast == nil { #expect(header.size == picture.size) }
    #expect(header.isColoured == (picture.channels == 3))
    #expect(header.orientation.rawValue == fixture.orientation ?? 1)
    #expect(fixture.name.hasPrefix(header.kind == .netpbm ? "Netpbm" : "\(header.kind)"))
  }

  @Test("A file is read by its path, whatever its name says")
  func files() throws {
    let directory = try TemporaryDirectory()
    let fixture = try PictureFixture.named("PNG color 8")
    try directory.write(fixture.bytes, to: "picture.jpg")
    let path = directory.path(of: "picture.jpg")
    #expect(try Picture.decode(path: path) == fixture.picture)
    #expect(try PictureHeader(path: path).kind == .png)
    let missing = directory.path(of: "missing.png")
    let error = #expect(throws: PictureError.self) { try Picture.decode(path: missing) }
    #expect(error?.description == "\(missing): cannot open: No such file or directory")
  }

  @Test("A header beyond the beginning of the file")
  func longHeader() throws {
    let directory = try TemporaryDirectory()
    let fixture = try PictureFixture.named("JPEG orientation 6")
    // Four comments of the greatest length.
    let comment = [0xFF, 0xFE, 0xFF, 0xFF] + [UInt8](repeating: 7, count: 65_533)
    let bytes = fixture.bytes.prefix(2) + comment + comment + fixture.bytes.dropFirst(2)
    try directory.write(Array(bytes), to: "picture")
    let header = try PictureHeader(path: directory.path(of: "picture"))
    #expect(header == (try PictureHeader(fixture.bytes, path: "")))
  }

  @Test("Other kinds are refused by name")
  func otherKinds() {
    for (kind, bytes) in Self.otherKinds {
      #expect(PictureKind(firstBytes: bytes) == kind)
      let error = PictureError.unsupportedKind(file: "a.png", kind: kind)
      #expect(throws: error) { try Picture.decode(bytes, path: "a.png") }
      #expect(throws: error) { try PictureHeader(bytes, path: "a.png") }
      #expect(error.description.contains("a.png") && error.description.contains(kind.rawValue))
    }
    let text = Array("<svg xmlns".utf8)
    let error = PictureError.unknownKind(file: "a.png", found: Array(text.prefix(8)))
    #expect(throws: error) { try Picture.decode(text, path: "a.png") }
    #expect(error.description.hasSuffix("begins with 3C 73 76 67 20 78 6D 6C"))
    #expect(throws: PictureError.unknownKind(file: "", found: [])) {
      try Picture.decode([], path: "")
    }
  }

  private static let otherKinds: [(PictureKind, [UInt8])] = [
    (.gif, Array("GIF89a\u{1}\0\u{1}\0".utf8)), (.webp, Array("RIFFabcdWEBPVP8 ".utf8)),
    (.tiff, Array("II*\0abcdefgh".utf8)), (.tiff, Array("MM\0*abcdefgh".utf8)),
    (.heic, Array("\0\0\0 ftypheic".utf8)), (.avif, Array("\0\0\0 ftypavif".utf8)),
    (.pam, Array("P7\nWIDTH 1".utf8)),
  ]

  @Test("Every file that is cut short is refused", arguments: PictureFixture.others)
  func truncation(fixture: PictureFixture) { expectRefusalWhenCut(fixture) }

  @Test(
    "Every JPEG file that is cut short is refused",
    .enabled(if: hasTurboJPEG, "libturbojpeg is not installed"), arguments: PictureFixture.jpeg)
  func jpegTruncation(fixture: PictureFixture) { expectRefusalWhenCut(fixture) }

  private func expectRefusalWhenCut(_ fixture: PictureFixture) {
    // The last plain number may lose digits and the line end, the last row of a bitmap the bytes
    // that fill it up to four.
    let isPlain = ["P1", "P2", "P3"].contains { fixture.name.contains($0) }
    let spare = isPlain ? 6 : fixture.name.hasPrefix("BMP") ? 3 : 0
    let last = fixture.bytes.count - spare - 1
    for count in stride(from: last, through: 0, by: -max(1, last / 40)) {
      #expect(throws: PictureError.self, "\(count) bytes") {
        try Picture.decode(Array(fixture.bytes.prefix(count)), path: fixture.name)
      }
    }
  }

  @Test(
    "A JPEG picture is decoded at the smallest size that is enough",
    .enabled(if: hasTurboJPEG, "libturbojpeg is not installed"))
  func smallestSizes() throws {
    func size(_ name: String, _ width: Int, _ height: Int) throws -> PictureSize {
      let file = try PictureFixture.named(name).bytes
      return try Picture.decode(
        file, path: "", atLeast: PictureSize(width: width, height: height)
      ).size
    }
    let whole = PictureSize(width: 21, height: 19)
    #expect(try size("JPEG 4:2:0", 12, 1) == whole)
    #expect(try size("JPEG 4:2:0", 1, 11) == whole)
    #expect(try size("JPEG 4:2:0", 50, 50) == whole)
    // A rest would leave a column that stands for less.
    #expect(try size("JPEG 4:2:0", 3, 4) == whole)
    let even = "JPEG at least 40x24"
    #expect(try size(even, 21, 1) == PictureSize(width: 40, height: 24))
    #expect(try size(even, 1, 7) == PictureSize(width: 20, height: 12))
    #expect(try size(even, 10, 6) == PictureSize(width: 10, height: 6))
    #expect(try size(even, 5, 3) == PictureSize(width: 5, height: 3))
  }

  @Test("Damaged EXIF blocks are ignored")
  func damagedEXIF() throws {
    let fixture = try PictureFixture.named("PNG orientation after the pixels")
    let start = try #require(fixture.bytes.firstRange(of: "eXIf".utf8)).upperBound
    for (index, value) in [(0, 0x4A), (4, 0xFF), (7, 0xFF), (22, 0x11), (24, 4), (26, 2), (30, 9)] {
      var bytes = fixture.bytes
      bytes[start + index] = UInt8(value)
      bytes = PNGBytes.withChecksums(bytes)
      #expect(try PictureHeader(bytes, path: "").orientation == .upright, "byte \(index)")
      #expect(throws: Never.self) { try Picture.decode(bytes, path: "") }
    }
  }

  @Test("The error of a missing library says how to install it")
  func missingLibrary() {
    let text = PictureError.missingLibrary(file: "a.jpg").description
    #expect(text.hasPrefix("a.jpg: expected libturbojpeg"))
    #expect(
      text.contains("apt-get install libturbojpeg0") || text.contains("brew install jpeg-turbo"))
  }

  @Test("Many threads at once", .enabled(if: hasTurboJPEG, "libturbojpeg is not installed"))
  func threads() async throws {
    let fixtures = PictureFixture.jpeg.filter { $0.atLeast == nil }
    await withTaskGroup(of: Void.self) { group in
      for thread in 0..<4 {
        group.addTask {
          for index in fixtures.indices {
            let fixture = fixtures[(index + thread * 7) % fixtures.count]
            #expect(throws: Never.self) {
              let picture = try Picture.decode(fixture.bytes, path: fixture.name)
              #expect(picture == fixture.picture)
            }
            // An error must leave the handle usable.
            _ = try? Picture.decode(fixture.bytes.dropLast(9), path: fixture.name)
          }
        }
      }
    }
  }
}
