import Foundation

/// The bytes of a regular file.
///
/// A descriptor instead of `FileHandle`, because it reads straight into the caller's memory.
final class FileSource: ByteSource {
  let path: String
  /// The size when the file was opened.
  let byteCount: Int
  private let descriptor: Int32

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
    var filled = 0
    while filled < buffer.count {
      // Darwin refuses to read more than `Int32.max` bytes at a time.
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(1 << 30))
      let count = unsafe read(descriptor, room.baseAddress, room.count)
      if count == 0 { break }
      if count > 0 {
        filled += count
      } else if errno != EINTR {
        throw unsafe .unreadable(file: path, reason: String(cString: strerror(errno)))
      }
    }
    return filled
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
