import ConvoyZlib

/// PNG files for tests, byte by byte.
package enum PNGBytes {
  package static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  package static func bigEndian(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  package static func chunk(_ type: String, _ data: [UInt8] = []) -> [UInt8] {
    bigEndian(data.count) + checked(Array(type.utf8) + data)
  }

  private static func checked(_ bytes: [UInt8]) -> [UInt8] {
    bytes + bigEndian(Int(crc32(0, bytes, uInt(bytes.count))))
  }

  package static func header(
    width: Int, height: Int, depth: UInt8, type: UInt8, interlace: UInt8 = 0
  ) -> [UInt8] {
    chunk("IHDR", bigEndian(width) + bigEndian(height) + [depth, type, 0, 0, interlace])
  }

  package static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(count))
    let status = compress2(&result, &count, bytes, uLong(bytes.count), 9)
    precondition(status == Z_OK, "There is room for the compressed bytes.")
    return Array(result.prefix(Int(count)))
  }

  /// A file of these chunks between the signature and the end.
  package static func file(_ chunks: [UInt8]...) -> [UInt8] {
    signature + chunks.joined() + chunk("IEND")
  }

  /// The file with right checksums, as far as its chunks are whole.
  package static func withChecksums(_ file: [UInt8]) -> [UInt8] {
    var file = file
    var offset = signature.count
    while offset + 12 <= file.count {
      let count = file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      guard count <= file.count - offset - 12 else { break }
      file.replaceSubrange(
        offset + 4..<offset + 12 + count,
        with: checked(Array(file[offset + 4..<offset + 8 + count])))
      offset += 12 + count
    }
    return file
  }
}
