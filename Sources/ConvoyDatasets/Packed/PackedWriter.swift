import ConvoyCompression
import ConvoyFileAccess

/// Writes a packed file from its beginning; it takes its path when it is finished.
struct PackedWriter: ~Copyable {
  private var file: AtomicFile
  private var byteCount = PackedFrame.headSize
  private var pixelSum = Checksum()

  /// Writes the head.
  ///
  /// - Throws: `DatasetError.unwritable`, as all of its functions do.
  init(replacing path: String) throws(DatasetError) { file = try Self.begin(path) }

  private static func begin(_ path: String) throws(DatasetError) -> AtomicFile {
    do throws(FileError) {
      var file = try AtomicFile(replacing: path)
      try append(PackedFrame.head, to: &file)
      return file
    } catch {
      throw .unwritable(error)
    }
  }

  private static func append(
    _ bytes: [UInt8], to file: inout AtomicFile
  ) throws(FileError) {
    try unsafe bytes.span.bytes.withUnsafeBytes { bytes throws(FileError) in
      try unsafe file.append(bytes)
    }
  }

  /// Adds the pixels of the next images.
  mutating func append(pixels: [UInt8]) throws(DatasetError) {
    pixelSum.add(pixels.span)
    try append(pixels)
  }

  private mutating func append(_ bytes: [UInt8]) throws(DatasetError) {
    do throws(FileError) {
      try Self.append(bytes, to: &file)
    } catch {
      throw .unwritable(error)
    }
    byteCount += bytes.count
  }

  /// Adds the table, after the pixels.
  consuming func finish(_ table: PackedTable) throws(DatasetError) {
    let bytes = table.encoded
    let end = PackedFrame.end(of: bytes, at: byteCount, pixels: pixelSum.value)
    try append(bytes)
    try append(end)
    do throws(FileError) {
      try file.commit()
    } catch {
      throw .unwritable(error)
    }
  }
}
