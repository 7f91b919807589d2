import ConvoyPictures
import ConvoyTestSupport
import Testing

@Suite("Writing pictures") struct WritingTests {
  @Test("A written PNG file is read back")
  func roundTrip() throws {
    var generator = SeededGenerator(seed: 5)
    for width in [1, 2, 7, 40] {
      for height in [1, 3, 33] {
        for channels in [1, 3] {
          let picture = Picture(
            width: width, height: height, channels: channels,
            bytes: (0..<width * height * channels).map { _ in
              UInt8.random(in: .min ... .max, using: &generator)
            })
          let file = PNGFile.encode(picture)
          #expect(try Picture.decode(file, path: "") == picture)
          #expect(try PictureHeader(file, path: "").size == picture.size)
        }
      }
    }
  }

  /// The rows above are needed beyond the rows that are decompressed at a time.
  @Test("A large picture is read back")
  func large() throws {
    let bytes = (0..<400 * 200 * 3).map { UInt8(truncatingIfNeeded: $0 &* $0 / 97) }
    let picture = Picture(width: 400, height: 200, channels: 3, bytes: bytes)
    #expect(try Picture.decode(PNGFile.encode(picture), path: "") == picture)
  }

  /// Without a filter, a slope in both directions takes over ten times as many bytes.
  @Test("Smooth pictures take few bytes")
  func size() {
    let slope = (0..<64).flatMap { row in (0..<64).map { UInt8(row * 3 + $0) } }
    let file = PNGFile.encode(Picture(width: 64, height: 64, channels: 1, bytes: slope))
    #expect(file.count < 200)
  }

  @Test("A sheet of enlarged pictures with gaps")
  func sheet() {
    func picture(_ bytes: [UInt8]) -> Picture {
      Picture(width: 2, height: 2, channels: 1, bytes: bytes)
    }
    let sheet = PictureSheet(
      rows: [[picture([1, 2, 3, 4]), picture([5, 6, 7, 8])], [picture([10, 11, 12, 13])]],
      scale: 2, gap: 1, background: 9)
    let expected: [UInt8] = [
      9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
      9, 1, 1, 2, 2, 9, 5, 5, 6, 6, 9,
      9, 1, 1, 2, 2, 9, 5, 5, 6, 6, 9,
      9, 3, 3, 4, 4, 9, 7, 7, 8, 8, 9,
      9, 3, 3, 4, 4, 9, 7, 7, 8, 8, 9,
      9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
      9, 10, 10, 11, 11, 9, 9, 9, 9, 9, 9,
      9, 10, 10, 11, 11, 9, 9, 9, 9, 9, 9,
      9, 12, 12, 13, 13, 9, 9, 9, 9, 9, 9,
      9, 12, 12, 13, 13, 9, 9, 9, 9, 9, 9,
      9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    ]
    #expect(
      sheet.picture() == Picture(width: 11, height: 11, channels: 1, bytes: expected))
    let colored = PictureSheet(
      rows: [[Picture(width: 1, height: 1, channels: 3, bytes: [1, 2, 3])]], gap: 0)
    #expect(colored.picture().bytes == [1, 2, 3])
  }
}
