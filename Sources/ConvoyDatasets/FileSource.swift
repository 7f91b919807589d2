import Foundation

/// The bytes of a regular file.
///
/// A descriptor instead of `FileHandle`, because it reads straight into the caller's memory.
final class FileSource: ByteSource {
  let path: String
  /// The size when the file was opened.
  let byteCount: Int
  let descriptor: Int32
  /// Of the next byte that `fill` reads.
  private var position = 0

  init(path: String) throws(DatasetError) {
    self.path = path
    // Opening a pipe would otherwise wait for its writer; regular files ignore the flag.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    let openError = errno
    var status = stat()
    let isKnown = unsafe descriptor >= 0 && fstat(descriptor, &status) == 0
    byteCount = Int(status.st_size)
    guard isKnown else {
      let code = descriptor >= 0 ? errno : openError
      throw unsafe .unreadable(file: path, reason: String(cString: strerror(code)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(file: path, reason: "not a regular file")
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    let count = unsafe try read(buffer, at: position)
    position += count
    return count
  }

  /// Reads the bytes from `offset` on until the buffer is full or the file ends; returns how many
  /// were read.
  func read(
    _ buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(DatasetError) -> Int {
    var filled = 0
    while filled < buffer.count {
      // Darwin refuses to read more than `Int32.max` bytes at a time.
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(1 << 30))
      let count = unsafe pread(descriptor, room.baseAddress, room.count, off_t(offset + filled))
      if count == 0 { break }
      if count > 0 {
        filled += count
      } else if errno != EINTR {
        throw unsafe .unreadable(file: path, reason: String(cString: strerror(errno)))
      }
    }
    return filled
  }

  /// The bytes in a range, which is within the file.
  func bytes(_ range: Range<Int>, lasts: Bool = false) throws(DatasetError) -> [UInt8] {
    position = range.lowerBound
    return try take(range.count, at: range.lowerBound, lasts: lasts)
  }

  /// The size now.
  func currentByteCount() throws(DatasetError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw unsafe .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    return Int(status.st_size)
  }

  /// Maps a large file from `offset` on, where the system can.
  func rest(_ count: Int, at offset: Int) throws(DatasetError) -> PixelBytes {
    try verify(byteCount: offset + count)
    guard let mapping = FileMapping.ofLarge(self, offset..<offset + count) else {
      return try restInMemory(count, at: offset)
    }
    return PixelBytes(mapping)
  }

  func verify(byteCount expected: Int) throws(DatasetError) {
    if byteCount < expected {
      throw .truncated(file: path, expected: expected, found: byteCount)
    }
    if byteCount > expected {
      throw .excess(file: path, expected: expected, foundAtLeast: byteCount)
    }
  }
}
