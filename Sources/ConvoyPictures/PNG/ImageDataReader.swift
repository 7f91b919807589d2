import ConvoyCompression
import ConvoyFileAccess

/// Decompresses the IDAT chunks of a PNG file, piece by piece, into the caller's memory. Each
/// chunk's checksum is verified before its first byte is used.
final class ImageDataReader {
  private let file: PictureFile
  private var stream: InflateStream
  private var chunk: PNGChunk
  /// The offset of the next compressed byte.
  private var offset: Int
  private var hasEnded = false

  /// - Parameter start: the offset of the first IDAT chunk.
  init(_ file: PictureFile, at start: Int) throws(PictureError) {
    self.file = file
    chunk = try PNGChunk(file, at: start)
    offset = chunk.data.lowerBound
    try chunk.verifyChecksum(file)
    do throws(InflateError) {
      stream = try InflateStream(.zlib)
    } catch {
      throw Self.failure(error, file, at: offset)
    }
  }

  /// Fills a part of `output`.
  func fill(_ output: inout [UInt8], _ part: Range<Int>) throws(PictureError) {
    var filled = part.lowerBound
    while filled < part.upperBound {
      guard !hasEnded, try hasInput() else {
        throw file.damaged(
          at: offset, expected: "\(part.upperBound - filled) more bytes of pixels",
          found: "the end of the compressed data")
      }
      filled += try inflate(into: &output, filled..<part.upperBound)
    }
  }

  /// Throws if there are more pixels or compressed bytes. This also verifies zlib's checksum.
  func requireEnd() throws(PictureError) {
    var extra: [UInt8] = [0]
    while !hasEnded {
      guard try hasInput() else {
        throw file.damaged(
          at: offset, expected: "the end of the compressed data", found: "no more chunks of it")
      }
      guard try inflate(into: &extra, 0..<1) == 0 else {
        throw file.damaged(
          at: offset, expected: "the end of the compressed data", found: "more pixels")
      }
    }
    guard try !hasInput() else {
      throw file.damaged(
        at: offset, expected: "the end of the compressed data", found: "more bytes of it")
    }
  }

  /// Whether there are compressed bytes left, in this chunk or the following ones.
  private func hasInput() throws(PictureError) -> Bool {
    while offset == chunk.data.upperBound {
      let next = try PNGChunk(file, at: chunk.end)
      guard next.type == .imageData else { return false }
      try next.verifyChecksum(file)
      chunk = next
      offset = next.data.lowerBound
    }
    return true
  }

  /// - Returns: how many bytes were written.
  private func inflate(
    into output: inout [UInt8], _ part: Range<Int>
  ) throws(PictureError) -> Int {
    do throws(InflateError) {
      // The slice checks that its range is within the file.
      let input = file.bytes[offset..<chunk.data.upperBound]
      precondition(part.upperBound <= output.count, "The part is within the output.")
      var target = output.mutableSpan
      let progress = try unsafe target.withUnsafeMutableBytes { (output) throws(InflateError) in
        try unsafe input.span.withUnsafeBytes { (input) throws(InflateError) in
          try unsafe stream.inflate(
            input, into: UnsafeMutableRawBufferPointer(rebasing: output[part]))
        }
      }
      offset += progress.read
      hasEnded = progress.hasEnded
      return progress.written
    } catch {
      throw Self.failure(error, file, at: offset + error.read)
    }
  }

  private static func failure(
    _ error: InflateError, _ file: PictureFile, at offset: Int
  ) -> PictureError {
    error.isDamage
      ? file.damaged(at: offset, expected: "valid compressed data", found: error.reason)
      : .unreadable(FileError(path: file.path, operation: .read, reason: error.reason))
  }
}
