import ConvoyCompression

/// A chunk of a PNG file: the length of the data, a type of four letters, the data, a checksum.
struct PNGChunk {
  let type: ChunkType
  /// The offsets of the data.
  let data: Range<Int>

  /// The offset of the next chunk.
  var end: Int { data.upperBound + 4 }

  /// The length and the type; the data and the checksum may be missing.
  init(_ file: PictureFile, at offset: Int) throws(PictureError) {
    let count = try file.bigEndian32(at: offset)
    let type = ChunkType(code: UInt32(try file.bigEndian32(at: offset + 4)))
    guard type.isSound else {
      throw file.damaged(
        at: offset + 4, expected: "a chunk's type of four letters", found: "\(type)")
    }
    guard count <= Int32.max else {
      throw file.damaged(at: offset, expected: "a chunk below 2 GiB", found: "\(count) bytes")
    }
    self.type = type
    data = offset + 8..<offset + 8 + count
  }

  func verifyChecksum(_ file: PictureFile) throws(PictureError) {
    let stored = try file.bigEndian32(at: data.upperBound)
    let covered = data.lowerBound - 4..<data.upperBound
    var checksum = Checksum()
    checksum.add(file.bytes[covered].span)
    let computed = Int(checksum.value)
    guard stored == computed else {
      throw file.damaged(
        at: data.upperBound,
        expected: "the checksum \(String(computed, radix: 16)) of a chunk \(type)",
        found: String(stored, radix: 16))
    }
  }
}

/// The type of a chunk, as its four letters.
struct ChunkType: Equatable {
  let code: UInt32

  init(code: UInt32) { self.code = code }

  init(_ letters: StaticString) {
    code = "\(letters)".utf8.reduce(0) { $0 << 8 | UInt32($1) }
  }

  static let imageHeader = ChunkType("IHDR")
  static let palette = ChunkType("PLTE")
  static let transparency = ChunkType("tRNS")
  static let imageData = ChunkType("IDAT")
  static let exif = ChunkType("eXIf")
  static let end = ChunkType("IEND")

  private var letters: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: code >> (24 - 8 * $0)) } }

  var isSound: Bool {
    letters.allSatisfy { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
  }

  /// Whether a reader that does not know the chunk must refuse the file.
  var isCritical: Bool { code & 0x2000_0000 == 0 }
}

extension ChunkType: CustomStringConvertible {
  var description: String {
    isSound ? String(decoding: letters, as: UTF8.self) : "0x" + String(code, radix: 16)
  }
}
