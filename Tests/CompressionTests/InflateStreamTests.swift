import ConvoyCompression
import ConvoyTestSupport
import Testing

/// Streams in pieces of any size.
@Suite struct InflateStreamTests {
  /// Some repetition, and some noise.
  private static let content = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 % 7 * ($0 / 100)) }

  /// What a stream gives, with at most so many bytes in and out at a time.
  private func inflated(
    _ input: [UInt8], _ format: InflateStream.Format, reading: Int = .max, writing: Int = 8_192
  ) throws(InflateError) -> (output: [UInt8], rest: [UInt8]) {
    var stream = try InflateStream(format)
    var (output, offset) = ([UInt8](), 0)
    while true {
      var room = [UInt8](repeating: 0, count: writing)
      let piece = input[offset..<min(input.count, offset + min(reading, input.count))]
      var target = room.mutableSpan
      let progress = try target.withUnsafeMutableBytes { (target) throws(InflateError) in
        try piece.span.withUnsafeBytes { (piece) throws(InflateError) in
          try stream.inflate(piece, into: target)
        }
      }
      output += room.prefix(progress.written)
      offset += progress.read
      if progress.hasEnded || progress.read + progress.written == 0 {
        return (output, Array(input[offset...]))
      }
    }
  }

  @Test(arguments: [1, 2, 3, 100, 5_000], [1, 7, 8_192])
  func piecesOfAnySizeGiveTheSame(reading: Int, writing: Int) throws {
    let data = deflated(Self.content)
    let result = try inflated(data + [1, 2, 3], .zlib, reading: reading, writing: writing)
    #expect(result.output == Self.content)
    #expect(result.rest == [1, 2, 3])
  }

  /// Without header and checksum, the same bytes are raw data.
  @Test func formatsDifferByWhatIsAround() throws {
    let data = deflated(Self.content)
    #expect(try inflated(data.dropFirst(2).dropLast(4).map(\.self), .raw).output == Self.content)
    let member = try Gzip.member(Self.content)
    #expect(try inflated(member, .gzip).output == Self.content)
    for (bytes, format) in [(member, InflateStream.Format.zlib), (data, .gzip), (member, .raw)] {
      #expect(throws: InflateError.self) { _ = try inflated(bytes, format) }
    }
  }

  @Test func damageIsToldFromALackOfInput() throws {
    var data = deflated(Self.content)
    #expect(try inflated(Array(data.dropLast()), .zlib).output == Self.content)
    data[data.count - 1] ^= 1
    let error = #expect(throws: InflateError.self) { _ = try inflated(data, .zlib) }
    #expect(error?.isDamage == true && error?.reason == "incorrect data check")
    #expect(error?.read == data.count)
  }

  @Test func aStreamBeginsAgain() throws {
    let data = deflated([1, 2, 3])
    var stream = try InflateStream(.zlib)
    for _ in 0..<3 {
      var room = [UInt8](repeating: 0, count: 3)
      var target = room.mutableSpan
      let progress = try target.withUnsafeMutableBytes { (target) throws(InflateError) in
        try data.span.withUnsafeBytes { (data) throws(InflateError) in
          try stream.inflate(data, into: target)
        }
      }
      #expect(room == [1, 2, 3] && progress.read == data.count && progress.hasEnded)
      try stream.reset()
    }
  }

  /// The check value of the CRC catalogue for CRC-32/ISO-HDLC.
  @Test func checksumsAreThoseOfZip() {
    #expect(Checksum(of: "123456789").value == 0xCBF4_3926)
    #expect(Checksum().text == "00000000" && Checksum(value: 0xBEEF).text == "0000beef")
    var parts = Checksum(of: "1234")
    let (rest, none): ([UInt8], [UInt8]) = (Array("56789".utf8), [])
    parts.add(rest.span)
    parts.add(none.span)
    #expect(parts.value == 0xCBF4_3926)
  }
}
