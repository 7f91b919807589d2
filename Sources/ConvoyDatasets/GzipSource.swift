import ConvoyZlib

/// The decompressed bytes of a gzip file (RFC 1952).
///
/// Decompresses straight into the caller's memory, one chunk of the file at a time. Consecutive
/// members are read as one, as the format prescribes. Anything else after the last member is
/// refused, and so is a checksum that does not match.
///
/// Safe to use: it owns the stream and the chunk, which are allocated and freed with it.
@safe final class GzipSource: ByteSource {
  private let file: FileSource
  /// On the heap because zlib's state points back at it: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let chunk: UnsafeMutableRawBufferPointer
  /// The number of bytes of the file that were passed to zlib.
  private var offset = 0
  private var isFirstMember = true
  private var memberEnded = false

  private static let chunkSize = 1 << 18
  /// The best ratio of deflate: 258 bytes for a length and a distance of one bit each.
  static let largestRatio = 258 * 8 / 2

  var path: String { file.path }

  init(_ file: FileSource) throws(DatasetError) {
    self.file = file
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe chunk = .allocate(byteCount: Self.chunkSize, alignment: 16)
    // Adding 16 to the window bits selects gzip's header and checksum.
    let status = unsafe inflateInit2_(
      stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw failure(status) }
  }

  deinit {
    // Harmless when the initialization failed.
    unsafe inflateEnd(stream)
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
    unsafe chunk.deallocate()
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < buffer.count {
      guard try hasInput() else {
        guard memberEnded else { throw .truncatedGzip(file: path, found: offset) }
        break
      }
      if memberEnded { try beginMember() }
      // zlib counts in 32 bits.
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(1 << 30))
      unsafe stream.pointee.next_out = unsafe room.baseAddress?.assumingMemoryBound(to: Bytef.self)
      unsafe stream.pointee.avail_out = uInt(room.count)
      let status = unsafe inflate(stream, Z_NO_FLUSH)
      guard status == Z_OK || status == Z_STREAM_END else { throw failure(status) }
      memberEnded = status == Z_STREAM_END
      unsafe filled += room.count - Int(stream.pointee.avail_out)
    }
    return filled
  }

  func verify(byteCount expected: Int) throws(DatasetError) {
    let (largest, overflow) = file.byteCount.multipliedReportingOverflow(by: Self.largestRatio)
    guard overflow || expected <= largest else {
      throw .impossibleSize(
        file: path, expected: expected, compressed: file.byteCount, largest: largest)
    }
  }

  /// Whether there is compressed input left, after reading another chunk if need be.
  private func hasInput() throws(DatasetError) -> Bool {
    if unsafe stream.pointee.avail_in > 0 { return true }
    let count = try unsafe file.fill(chunk)
    offset += count
    unsafe stream.pointee.next_in = unsafe chunk.baseAddress?.assumingMemoryBound(to: Bytef.self)
    unsafe stream.pointee.avail_in = uInt(count)
    return count > 0
  }

  /// Begins the next member. Throws if the bytes that follow are not a member.
  private func beginMember() throws(DatasetError) {
    isFirstMember = false
    guard unsafe stream.pointee.next_in?.pointee == 0x1F else { throw failure(Z_DATA_ERROR) }
    let status = unsafe inflateReset(stream)
    guard status == Z_OK else { throw failure(status) }
    memberEnded = false
  }

  private func failure(_ status: Int32) -> DatasetError {
    guard status == Z_DATA_ERROR else {
      return .unreadable(file: path, reason: "zlib returned status \(status)")
    }
    let position = unsafe offset - Int(stream.pointee.avail_in)
    if unsafe !isFirstMember && (memberEnded || stream.pointee.total_in <= 2) {
      return .damagedGzip(
        file: path, offset: position, found: "bytes after the end of the compressed data")
    }
    let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "an unknown fault"
    return .damagedGzip(file: path, offset: position, found: message)
  }
}
