import ConvoyPictures
import ConvoyTestSupport
import Foundation
import Testing

@Suite("Resizing and converting pictures") struct ResizingTests {
  private static func noise(_ size: PictureSize, channels: Int, seed: UInt64) -> Picture {
    var generator = SeededGenerator(seed: seed)
    return Picture(
      width: size.width, height: size.height, channels: channels,
      bytes: (0..<size.width * size.height * channels).map { _ in
        UInt8.random(in: .min ... .max, using: &generator)
      })
  }

  @Test(
    "Every byte is the reference's, rounded", arguments: PictureFit.allCases, [1, 3])
  func reference(fit: PictureFit, channels: Int) {
    for seed in 0..<30 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      func side() -> Int { generator.integer(in: 1...generator.pick([3, 9, 40])) }
      let old = PictureSize(width: side(), height: side())
      let new = PictureSize(width: side(), height: side())
      let picture = Self.noise(old, channels: channels, seed: seed)
      let resized = picture.resized(to: new, fit: fit)
      #expect(resized.size == new && resized.channels == channels)
      let expected = ResizingReference(picture, to: new, fit: fit).values
      // Both round to nearest; Double is off by less than 10⁻⁹.
      let worst = zip(resized.bytes, expected).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(worst <= 0.5 + 1e-9, "\(old) to \(new), seed \(seed): off by \(worst)")
    }
  }

  @Test("Small cases by hand")
  func byHand() {
    func row(_ bytes: [UInt8]) -> Picture {
      Picture(width: bytes.count, height: 1, channels: 1, bytes: bytes)
    }
    func resized(_ bytes: [UInt8], to width: Int, _ fit: PictureFit = .stretch) -> [UInt8] {
      row(bytes).resized(to: PictureSize(width: width, height: 1), fit: fit).bytes
    }
    // (10 · 2 + 40) / 3 and (40 + 100 · 2) / 3.
    #expect(resized([10, 40, 100], to: 2) == [20, 80])
    // Halves are rounded up.
    #expect(resized([0, 1], to: 1) == [1])
    #expect(resized([1, 2, 3, 4], to: 2) == [2, 4])
    // Centres at -1/4, 1/4, 3/4 and 5/4.
    #expect(resized([0, 100], to: 4) == [0, 25, 75, 100])
    #expect(resized([7], to: 3) == [7, 7, 7])
    #expect(resized([1, 2, 3, 4], to: 1, .crop) == [2])
    // Five of one row cover two of them.
    #expect(resized([1, 2, 3, 4, 5], to: 2, .crop) == [2, 3])
    let padded = row([9, 9]).resized(to: PictureSize(width: 2, height: 4), fit: .pad)
    #expect(padded.bytes == [0, 0, 9, 9, 0, 0, 0, 0])
  }

  @Test("Constant pictures stay so, and the same size changes nothing")
  func constants() {
    for value in [0, 1, 127, 254, 255] as [UInt8] {
      let picture = Picture(
        width: 37, height: 23, channels: 3, bytes: [UInt8](repeating: value, count: 37 * 23 * 3))
      for size in [(5, 4), (50, 60), (32, 32), (37, 1), (1, 90)] {
        let size = PictureSize(width: size.0, height: size.1)
        for fit in [PictureFit.stretch, .crop] {
          #expect(picture.resized(to: size, fit: fit).bytes.allSatisfy { $0 == value })
        }
      }
    }
    let picture = Self.noise(PictureSize(width: 9, height: 7), channels: 3, seed: 1)
    for fit in PictureFit.allCases {
      #expect(picture.resized(to: picture.size, fit: fit) == picture)
    }
  }

  @Test("Extreme shapes neither trap nor overflow")
  func extremes() {
    let line = Picture(
      width: 1, height: 100_000, channels: 1, bytes: [UInt8](repeating: 255, count: 100_000))
    for fit in [PictureFit.stretch, .crop] {
      // Covering, each of 100,000 rows becomes 300: sums of rows need more than 32 bits.
      let resized = line.resized(to: PictureSize(width: 300, height: 3), fit: fit)
      #expect(resized.bytes.allSatisfy { $0 == 255 })
    }
    let padded = line.resized(to: PictureSize(width: 5, height: 3), fit: .pad)
    #expect(padded.bytes == [0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0])
  }

  @Test("Grey is Pillow's, and grey in three channels stays grey")
  func conversion() {
    // Image.convert("L") in Pillow 13.
    let colors: [(UInt8, UInt8, UInt8, gray: UInt8)] = [
      (255, 0, 0, 76), (0, 255, 0, 150), (0, 0, 255, 29), (12, 200, 99, 132), (255, 255, 255, 255),
      (1, 2, 3, 2), (90, 17, 254, 66),
    ]
    let picture = Picture(
      width: colors.count, height: 1, channels: 3, bytes: colors.flatMap { [$0.0, $0.1, $0.2] })
    #expect(picture.converted(to: .gray).bytes == colors.map(\.gray))
    #expect(picture.converted(to: .rgb) == picture)
    let gray = Picture(width: 16, height: 16, channels: 1, bytes: Array(0...255))
    #expect(gray.converted(to: .rgb).bytes == (0...255).flatMap { [$0, $0, $0] })
    #expect(gray.converted(to: .rgb).converted(to: .gray) == gray)
  }
}
