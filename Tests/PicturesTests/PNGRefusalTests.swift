import ConvoyTestSupport
import Testing

@testable import ConvoyPictures

/// Damaged and hostile PNG files.
@Suite("Refused PNG files") struct PNGRefusalTests {
  /// Two rows of two grey pixels.
  private static let rows: [UInt8] = [0, 1, 2, 0, 3, 4]

  private static let header = PNGBytes.header(width: 2, height: 2, depth: 8, type: 0)

  private static func data(_ bytes: [UInt8] = rows) -> [UInt8] {
    PNGBytes.chunk("IDAT", PNGBytes.compressed(bytes))
  }

  private func message(_ file: [UInt8]) -> String {
    let error = #expect(throws: PictureError.self) { try Picture.decode(file, path: "a.png") }
    return error?.description ?? "none"
  }

  @Test func aSoundFile() throws {
    let file = PNGBytes.file(
      Self.header, PNGBytes.chunk("teSt", [1]), Self.data(), PNGBytes.chunk("tIME"))
    let picture = Picture(width: 2, height: 2, channels: 1, bytes: [1, 2, 3, 4])
    #expect(try Picture.decode(file, path: "") == picture)
    // Bytes after the end, and chunks of data that are empty or hold a byte.
    #expect(try Picture.decode(file + [1, 2, 3], path: "") == picture)
    let pieces = PNGBytes.compressed(Self.rows).flatMap {
      PNGBytes.chunk("IDAT") + PNGBytes.chunk("IDAT", [$0])
    }
    #expect(try Picture.decode(PNGBytes.file(Self.header, pieces), path: "") == picture)
  }

  @Test("A few bytes that announce a huge picture are refused at once")
  func hugeSizes() {
    for (width, height) in [(60_000, 60_000), (1_000_001, 1), (1, 1 << 31), (0xFFFF_FFFF, 1 << 31)]
    {
      let header = PNGBytes.header(width: width, height: height, depth: 8, type: 2)
      #expect(
        message(PNGBytes.file(header, Self.data()))
          == "a.png: expected a picture of at most 268435456 pixels, and sides of at most 1000000, "
          + "found \(width)×\(height)")
    }
    let header = PNGBytes.header(width: 16_000, height: 16_000, depth: 16, type: 6)
    // 16,000 rows of 128,001 bytes, divided by 1,032.
    #expect(
      message(PNGBytes.file(header, Self.data())).contains(
        "expected at least 1984512 bytes for the 16000×16000 pixels of its header, found 1"))
    #expect(
      message(PNGBytes.file(PNGBytes.header(width: 0, height: 2, depth: 8, type: 0), Self.data()))
        .contains("expected at least one pixel, found 0×2"))
  }

  @Test func checksums() {
    let pixels = PNGBytes.compressed(Self.rows)
    let file = PNGBytes.file(
      Self.header, PNGBytes.chunk("teSt", [1]), PNGBytes.chunk("IDAT", Array(pixels.prefix(9))),
      PNGBytes.chunk("IDAT", Array(pixels.dropFirst(9))))
    for offset in PNGBytes.signature.count..<file.count {
      var damaged = file
      damaged[offset] ^= 1
      #expect(throws: PictureError.self, "byte \(offset)") {
        try Picture.decode(damaged, path: "")
      }
    }
    var damaged = file
    damaged[PNGBytes.signature.count + 8 + 3] ^= 4
    #expect(message(damaged).contains("at byte 29: expected the checksum"))
    // The pixels' checksum is zlib's own too.
    var changed = pixels
    changed[pixels.count - 1] ^= 1
    #expect(
      message(PNGBytes.file(Self.header, PNGBytes.chunk("IDAT", changed)))
        .hasSuffix("expected valid compressed data, found incorrect data check"))
  }

  @Test func pixelsThatAreMissingOrTooMany() {
    #expect(
      message(PNGBytes.file(Self.header, Self.data(Self.rows.dropLast())))
        .hasSuffix("expected 1 more bytes of pixels, found the end of the compressed data"))
    let short = PNGBytes.compressed(Self.rows.dropLast())
    #expect(
      message(PNGBytes.file(Self.header, PNGBytes.chunk("IDAT", short + [0, 0])))
        .hasSuffix("expected 1 more bytes of pixels, found the end of the compressed data"))
    #expect(
      message(PNGBytes.file(Self.header, Self.data(Self.rows + [0])))
        .hasSuffix("expected the end of the compressed data, found more pixels"))
    let whole = PNGBytes.compressed(Self.rows)
    #expect(
      message(PNGBytes.file(Self.header, PNGBytes.chunk("IDAT", whole + [0])))
        .hasSuffix("expected the end of the compressed data, found more bytes of it"))
    #expect(
      message(PNGBytes.file(Self.header, Self.data(), PNGBytes.chunk("IDAT", [0])))
        .hasSuffix("expected the end of the compressed data, found more bytes of it"))
    #expect(
      message(PNGBytes.file(Self.header, PNGBytes.chunk("IDAT", whole.dropLast(4))))
        .hasSuffix("expected the end of the compressed data, found no more chunks of it"))
    #expect(
      message(PNGBytes.file(Self.header, Self.data([0, 1, 2, 5, 3, 4])))
        .hasSuffix("expected filters 0 to 4, found 5 in row 1"))
  }

  @Test func chunksOutOfOrder() {
    let palette = PNGBytes.chunk("PLTE", [1, 2, 3, 4, 5, 6])
    let indexed = PNGBytes.header(width: 2, height: 2, depth: 8, type: 3)
    let transparent = PNGBytes.chunk("tRNS", [1, 2, 3])
    let colors = Self.data([0, 0, 1, 0, 1, 0])
    for (file, text) in [
      (PNGBytes.file(Self.data(), Self.header), "expected a chunk IHDR of 13 bytes, found IDAT"),
      (PNGBytes.file(Self.header), "expected chunks IDAT with the pixels, found none"),
      (
        PNGBytes.file(Self.header, Self.header, Self.data()),
        "expected one chunk IHDR, found another"
      ),
      (
        PNGBytes.file(Self.header, Self.data(), PNGBytes.chunk("tEXt"), Self.data()),
        "expected chunks IDAT one after another"
      ),
      (PNGBytes.file(indexed, colors, palette), "expected PLTE before the pixels"),
      (PNGBytes.file(indexed, colors), "expected a palette before the pixels, found none"),
      (PNGBytes.file(indexed, palette, palette, colors), "expected one palette"),
      (PNGBytes.file(indexed, transparent, palette, colors), "found tRNS of 3 bytes"),
      (PNGBytes.file(indexed, palette, transparent, colors), "found tRNS of 3 bytes"),
      (
        PNGBytes.file(indexed, palette, Self.data([0, 0, 1, 0, 2, 0])),
        "expected pixels of 2 colours, found colour 2 in row 1"
      ),
      (PNGBytes.file(Self.header, PNGBytes.chunk("ABCD"), Self.data()), "the critical chunk ABCD"),
      (
        PNGBytes.file(Self.header, PNGBytes.chunk("AB0D"), Self.data()),
        "a chunk's type of four letters"
      ),
    ] as [([UInt8], String)] {
      #expect(message(file).contains(text))
    }
  }

  @Test func layouts() {
    for depth in 0...17 as ClosedRange<UInt8> {
      for type in 0...7 as ClosedRange<UInt8> {
        let allowed: [UInt8: [UInt8]] = [
          0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
        ]
        let file = PNGBytes.file(
          PNGBytes.header(width: 1, height: 1, depth: depth, type: type),
          type == 3 ? PNGBytes.chunk("PLTE", [7, 7, 7]) : [],
          Self.data(
            [UInt8](
              repeating: 0, count: 1 + [1, 1, 3, 1, 2, 1, 4, 1][Int(type)] * (depth > 8 ? 2 : 1))))
        let isRead = (try? Picture.decode(file, path: "")) != nil
        #expect(isRead == (allowed[type] ?? []).contains(depth), "\(depth) bits, type \(type)")
      }
    }
    let interlaced = PNGBytes.header(width: 2, height: 2, depth: 8, type: 0, interlace: 2)
    #expect(
      message(PNGBytes.file(interlaced, Self.data())).contains("expected interlace method 0 or 1"))
  }
}
