import ConvoyZlib

/// Decompresses deflated data (RFC 1951), piece by piece, from the caller's memory into the caller's
/// memory.
///
/// Safe to use: it owns zlib's state, which is allocated and freed with it, and the state's pointers
/// to input and output are used during a call only, which they are set for.
@safe package struct InflateStream: ~Copyable {
  /// What stands around the deflated data.
  package enum Format {
    /// Nothing, as in zip archives.
    case raw
    /// zlib's header and checksum (RFC 1950), as in PNG files.
    case zlib
    /// gzip's header and checksum (RFC 1952).
    case gzip

    fileprivate var windowBits: Int32 {
      switch self {
      case .raw: -MAX_WBITS
      case .zlib: MAX_WBITS
      case .gzip: MAX_WBITS + 16
      }
    }
  }

  /// What a call has done.
  package struct Progress {
    /// The bytes of the input that were used.
    package let read: Int
    /// The bytes of the output that were written.
    package let written: Int
    /// Whether the data ended, with the right checksum where the format has one.
    package let hasEnded: Bool
  }

  /// The best ratio of deflate: 258 bytes for a length and a distance of one bit each.
  package static let largestRatio = 258 * 8 / 2

  /// On the heap, because zlib's state points back at it: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>

  package init(_ format: Format) throws(InflateError) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let status = unsafe inflateInit2_(
      stream, format.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw InflateError(status: status, message: nil, read: 0) }
  }

  deinit {
    // Harmless when the initialization failed.
    unsafe inflateEnd(stream)
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
  }

  /// Decompresses until the input is used up, the output is full, or the data ends.
  package mutating func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(InflateError) -> Progress {
    // zlib counts in 32 bits.
    let (available, room) = (min(input.count, 1 << 30), min(output.count, 1 << 30))
    let start = unsafe input.baseAddress?.assumingMemoryBound(to: Bytef.self)
    // zlib does not write to its input.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
    unsafe stream.pointee.avail_in = uInt(available)
    unsafe stream.pointee.next_out = unsafe output.baseAddress?.assumingMemoryBound(to: Bytef.self)
    unsafe stream.pointee.avail_out = uInt(room)
    let status = unsafe ConvoyZlib.inflate(stream, Z_NO_FLUSH)
    let read = unsafe available - Int(stream.pointee.avail_in)
    let written = unsafe room - Int(stream.pointee.avail_out)
    // Without input, or without room, zlib calls it an error of the buffer that nothing was done.
    let isStarved = status == Z_BUF_ERROR && (available == 0 || room == 0)
    guard status == Z_OK || status == Z_STREAM_END || isStarved else {
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw InflateError(status: status, message: message, read: read)
    }
    return Progress(read: read, written: written, hasEnded: status == Z_STREAM_END)
  }

  /// Expects the data's beginning again, such as that of gzip's next member.
  package mutating func reset() throws(InflateError) {
    let status = unsafe inflateReset(stream)
    guard status == Z_OK else { throw InflateError(status: status, message: nil, read: 0) }
  }
}

/// zlib could not go on.
package struct InflateError: Error {
  package let reason: String
  /// Whether the data is at fault, and not a lack of memory.
  package let isDamage: Bool
  /// The bytes of the input that were used before.
  package let read: Int

  fileprivate init(status: Int32, message: String?, read: Int) {
    reason = message ?? "zlib's status \(status)"
    isDamage = status == Z_DATA_ERROR || status == Z_NEED_DICT
    self.read = read
  }
}
