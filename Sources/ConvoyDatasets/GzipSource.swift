import ConvoyCompression

/// The decompressed bytes of a gzip file (RFC 1952).
///
/// Decompresses straight into the caller's memory, one chunk of the file at a time. Consecutive
/// members are read as one, as the format prescribes. Anything else after the last member is
/// refused, and so is a checksum that does not match.
final class GzipSource: ByteSource {
  private let file: FileSource
  private var stream: InflateStream
  private var chunk = [UInt8](repeating: 0, count: 1 << 18)
  /// The part of the chunk that is not yet decompressed.
  private var input = 0..<0
  /// The number of bytes of the file that were read.
  private var offset = 0
  /// The number of bytes of this member that were decompressed.
  private var memberOffset = 0
  private var isFirstMember = true
  private var memberEnded = false

  var path: String { file.path }

  init(_ file: FileSource) throws(DatasetError) {
    self.file = file
    do throws(InflateError) {
      stream = try InflateStream(.gzip)
    } catch {
      throw .unreadable(file: file.path, reason: error.reason)
    }
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < buffer.count {
      guard try hasInput() else {
        guard memberEnded else { throw .truncatedGzip(file: path, found: offset) }
        break
      }
      if memberEnded { try beginMember() }
      unsafe filled += try inflate(to: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
    }
    return filled
  }

  func verify(byteCount expected: Int) throws(DatasetError) {
    let (largest, overflow) = file.byteCount.multipliedReportingOverflow(
      by: InflateStream.largestRatio)
    guard overflow || expected <= largest else {
      throw .impossibleSize(
        file: path, expected: expected, compressed: file.byteCount, largest: largest)
    }
  }

  /// Whether there is compressed input left, after reading another chunk if need be.
  private func hasInput() throws(DatasetError) -> Bool {
    if input.isEmpty {
      let count = try unsafe chunk.withUnsafeMutableBufferPointer { (bytes) throws(DatasetError) in
        unsafe try file.fill(UnsafeMutableRawBufferPointer(bytes))
      }
      offset += count
      input = 0..<count
    }
    return !input.isEmpty
  }

  /// - Returns: how many bytes were written.
  private func inflate(to buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    do throws(InflateError) {
      let progress = try unsafe chunk.span.withUnsafeBytes { (bytes) throws(InflateError) in
        let input = unsafe UnsafeRawBufferPointer(rebasing: bytes[input])
        return unsafe try stream.inflate(input, into: buffer)
      }
      take(progress.read)
      memberEnded = progress.hasEnded
      return progress.written
    } catch {
      take(error.read)
      throw failure(error)
    }
  }

  private func take(_ count: Int) {
    input = input.lowerBound + count..<input.upperBound
    memberOffset += count
  }

  /// Begins the next member. Throws if the bytes that follow are not a member.
  private func beginMember() throws(DatasetError) {
    isFirstMember = false
    guard chunk[input.lowerBound] == 0x1F else { throw bytesAfterTheEnd }
    do throws(InflateError) { try stream.reset() } catch { throw failure(error) }
    memberOffset = 0
    memberEnded = false
  }

  private func failure(_ error: InflateError) -> DatasetError {
    guard error.isDamage else { return .unreadable(file: path, reason: error.reason) }
    // Not gzip's two magic bytes.
    if !isFirstMember && memberOffset <= 2 { return bytesAfterTheEnd }
    return .damagedGzip(file: path, offset: position, found: error.reason)
  }

  private var bytesAfterTheEnd: DatasetError {
    .damagedGzip(
      file: path, offset: position, found: "bytes after the end of the compressed data")
  }

  /// The offset in the file of the next byte to decompress.
  private var position: Int { offset - input.count }
}
