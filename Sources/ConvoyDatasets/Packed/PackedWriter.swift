import ConvoyFileAccess

/// Writes a packed file from its beginning; it takes its path when it is finished.
struct PackedWriter: ~Copyable {
  private var file: AtomicFile
  private var byteCount = 0
  private var pixelSum: UInt32 = 0

  /// - Throws: `DatasetError.unwritable`, as all of its functions do.
  init(replacing path: String) throws(DatasetError) { file = try Self.begin(path) }

  private static func begin(_ path: String) throws(DatasetError) -> AtomicFile {
    do throws(FileError) {
      return try AtomicFile(replacing: path)
    } catch {
      throw .unwritable(error)
    }
  }

  /// Adds the pixels of the next images, after the head.
  mutating func append(pixels: [UInt8]) throws(DatasetError) {
    if byteCount == 0 { try append(PackedFrame.head) }
    pixelSum = PackedFrame.checksum(pixels, after: pixelSum)
    try append(pixels)
  }

  private mutating func append(_ bytes: [UInt8]) throws(DatasetError) {
    do throws(FileError) {
      try unsafe bytes.span.bytes.withUnsafeBytes { bytes throws(FileError) in
        try unsafe file.append(bytes)
      }
    } catch {
      throw .unwritable(error)
    }
    byteCount += bytes.count
  }

  /// Adds the table, after the pixels.
  consuming func finish(_ table: PackedTable) throws(DatasetError) {
    let bytes = table.encoded
    let end = PackedFrame.end(of: bytes, at: byteCount, pixels: pixelSum)
    try append(bytes)
    try append(end)
    do throws(FileError) {
      try file.commit()
    } catch {
      throw .unwritable(error)
    }
  }
}
