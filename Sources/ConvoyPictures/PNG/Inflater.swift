import ConvoyZlib

/// Decompresses the IDAT chunks of a PNG file, piece by piece, into the caller's memory. Each
/// chunk's checksum is verified before its first byte is used.
///
/// Safe to use: it owns the stream, which is allocated and freed with it, and the stream's pointers
/// are used during a call of zlib only, which they are set for.
@safe final class Inflater {
  private let file: PictureFile
  /// On the heap because zlib's state points back at it: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var chunk: PNGChunk
  /// The offset of the next compressed byte.
  private var offset: Int
  private var hasEnded = false

  /// The best ratio of deflate: 258 bytes for a length and a distance of one bit each.
  static let largestRatio = 258 * 8 / 2

  /// - Parameter start: the offset of the first IDAT chunk.
  init(_ file: PictureFile, at start: Int) throws(PictureError) {
    self.file = file
    chunk = try PNGChunk(file, at: start)
    offset = chunk.data.lowerBound
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    try chunk.verifyChecksum(file)
    let status = unsafe inflateInit_(
      stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw failure(status) }
  }

  deinit {
    // Harmless when the initialization failed.
    unsafe inflateEnd(stream)
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
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
    let input = offset..<chunk.data.upperBound
    // The slice checks that the range is within the file.
    let status = unsafe file.bytes[input].withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { buffer in
        precondition(part.upperBound <= buffer.count, "The part is within the output.")
        let output = unsafe UnsafeMutableBufferPointer(rebasing: buffer[part])
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = uInt(input.count)
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = uInt(output.count)
        return unsafe ConvoyZlib.inflate(stream, Z_NO_FLUSH)
      }
    }
    unsafe offset += input.count - Int(stream.pointee.avail_in)
    guard status == Z_OK || status == Z_STREAM_END else { throw failure(status) }
    hasEnded = status == Z_STREAM_END
    return unsafe part.count - Int(stream.pointee.avail_out)
  }

  private func failure(_ status: Int32) -> PictureError {
    let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
    return file.damaged(
      at: offset, expected: "valid compressed data",
      found: message ?? "zlib's status \(status)")
  }
}
