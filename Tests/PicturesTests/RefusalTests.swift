import Testing

@testable import ConvoyPictures

@Suite("Refused pictures of other kinds") struct RefusalTests {
  private func message(_ file: [UInt8]) -> String {
    let error = #expect(throws: PictureError.self) { try Picture.decode(file, path: "a") }
    return error?.description ?? "none"
  }

  private func message(_ text: String) -> String { message(Array(text.utf8)) }

  @Test func netpbm() {
    #expect(
      message("P5 2 2 0\nabcd").contains("at byte 6: expected a maxval of 1 to 65535, found 0"))
    #expect(message("P5 2 2 65536\nabcd").contains("found 65536"))
    #expect(
      message("P5 2 2 9\n\u{1}\u{2}\u{3}\u{a}").contains(
        "expected values up to 9, found 10 as value 3"))
    #expect(message("P2 2 2 9 1 2 3 x").contains("at byte 15: expected a number, found byte 120"))
    #expect(message("P1 2 2 1 0 0 2").contains("at byte 13: expected a bit, found byte 50"))
    #expect(message("P5 2 2 255").contains("expected at least 11 bytes, found the end after 10"))
    #expect(message("P5 2 2 255x1234").contains("expected a space before the pixels"))
    #expect(message("P5 99999999999 1 255\n").contains("a number below 2147483648"))
    #expect(message("P6 60000 60000 255\n").contains("found 60000×60000"))
    #expect(
      message("P6 16000 16000 255\n").contains(
        "expected at least 768000019 bytes, found the end after 19"))
    #expect(message("P3 16000 16000 255\n").contains("expected at least 1536000018 bytes"))
  }

  @Test func bmp() throws {
    let sound = try PictureFixture.named("BMP 8").bytes
    func changed(_ changes: [Int: UInt8]) -> [UInt8] {
      var file = sound
      for (offset, value) in changes { file[offset] = value }
      return file
    }
    #expect(message(changed([14: 41])).contains("at byte 14: expected a header of 12, 40"))
    #expect(
      message(changed([28: 7])).contains("expected bits per pixel that fit compression 0, found 7"))
    #expect(message(changed([30: 4])).contains("compression 4"))
    #expect(message(changed([30: 2])).contains("that fit compression 2, found 8"))
    #expect(message(changed([46: 3])).contains("expected pixels of 3 colours"))
    #expect(message(changed([21: 1])).contains("found 16777225×7"))
    #expect(message(changed([20: 15])).contains("expected at least"))
    // Run lengths that announce far more than they hold.
    #expect(message(changed([30: 1, 19: 40, 23: 40])).contains("expected at least 820480 bytes"))
    let runs = try PictureFixture.named("BMP run lengths 8").bytes
    let start = runs.count - 32
    for (offset, value) in [(start, 10), (start + 14, 9)] as [(Int, UInt8)] {
      var file = runs
      file[offset] = value
      #expect(message(file).contains("expected runs within 9×6 pixels"), "byte \(offset)")
    }
    let fields = try PictureFixture.named("BMP 16 fields 40").bytes
    for mask in [[0, 0], [5, 0]] as [[UInt8]] {
      var file = fields
      file.replaceSubrange(54..<56, with: mask)
      #expect(message(file).contains("at byte 54: expected a mask of adjacent bits"))
    }
  }

  @Test("JPEG headers") func jpeg() throws {
    let sound = try PictureFixture.named("JPEG 4:2:0").bytes
    let frame = try #require(sound.firstRange(of: [0xFF, 0xC0])).lowerBound
    func changed(_ changes: [Int: UInt8]) -> [UInt8] {
      var file = sound
      for (offset, value) in changes { file[frame + offset] = value }
      return file
    }
    #expect(message(changed([1: 0xC3])).contains("lossless coding"))
    #expect(message(changed([1: 0xC9])).contains("arithmetic coding"))
    #expect(message(changed([4: 12])).contains("12 bits per channel"))
    #expect(message(changed([1: 0xDA])).contains("expected a frame header, found the pixels"))
    #expect(
      message(changed([1: 0xD9])).contains(
        "expected a segment before the frame header, found marker 217"))
    #expect(
      message(changed([0: 7])).contains("expected a marker that begins with byte 255, found 7"))
    #expect(message(changed([3: 18])).contains("a frame header with 3 bytes per component"))
    #expect(message(changed([2: 0, 3: 1])).contains("a segment of at least 2 bytes, found 1"))
    #expect(message(changed([11: 0x51])).contains("sampling factors of 1 to 4"))
    #expect(message(changed([5: 0, 6: 0])).contains("expected at least one pixel, found 21×0"))
    #expect(message(changed([5: 255, 7: 255])).contains("found 65301×65299"))
    // 2,000 × 2,000 blocks of luma, and twice 1,000 × 1,000.
    #expect(
      message(changed([5: 62, 6: 128, 7: 62, 8: 128])).contains("expected at least 750000 bytes"))
  }

  @Test("JPEG scans are counted") func scans() throws {
    let sound = try PictureFixture.named("JPEG 4:2:0 progressive").bytes
    let scan: [UInt8] = [0xFF, 0xDA]
    let file = sound + (0..<100).flatMap { _ in scan }
    #expect(message(file).contains("scans, which Convoy does not read"))
  }

  @Test(
    "Warnings of libturbojpeg are errors",
    .enabled(if: TurboJPEG.shared != nil, "libturbojpeg is not installed"))
  func warnings() throws {
    let fixture = try PictureFixture.named("JPEG 4:2:0")
    let error = PictureError.damagedJPEG(file: "a", message: "")
    #expect(error.description.hasPrefix("a: expected a sound JPEG picture, found an error: "))
    #expect(message(fixture.bytes.dropLast(60)).contains("Premature end of JPEG file"))
    // A restart marker of the wrong number.
    var file = try PictureFixture.named("JPEG restart markers").bytes
    let restart = try #require(file.firstRange(of: [0xFF, 0xD1])).lowerBound
    file[restart + 1] = 0xD2
    #expect(message(file).contains("Corrupt JPEG data"))
  }
}
