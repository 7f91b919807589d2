import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An open file that closes with its owner.
///
/// Closing reports nothing: what was written is safe once `synchronize` returned, and what was
/// read does not depend on it. Calls that a signal interrupts are taken up again.
struct FileDescriptor: ~Copyable {
  private let number: CInt
  /// The path that errors name.
  private let reportedPath: String

  init(
    opening path: String, flags: CInt, mode: mode_t = 0, reporting reportedPath: String,
    as operation: FileError.Operation
  ) throws(FileError) {
    number = Self.retrying { unsafe open(path, flags | O_CLOEXEC, mode) }
    self.reportedPath = reportedPath
    if number < 0 { throw FileError(path: reportedPath, operation: operation, code: errno) }
  }

  /// Opens a file to be read. Opening a pipe would otherwise wait for its writer; regular files ignore
  /// the flag.
  init(reading path: String) throws(FileError) {
    try self.init(
      opening: path, flags: O_RDONLY | O_NONBLOCK, reporting: path, as: .open)
  }

  deinit {
    if number >= 0 { close(number) }
  }

  /// Everything from the current position to the end of a regular file of at most `limit` bytes.
  func readRegularFile(limit: Int) throws(FileError) -> Data {
    let size = try regularFileSize()
    try check(size: size, limit: limit)
    // A file may grow while it is read, and some of the system's own say that they are empty.
    var contents = Data(capacity: size)
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { bytes in
        Self.retrying { unsafe read(number, bytes.baseAddress, bytes.count) }
      }
      if count < 0 { throw FileError(path: reportedPath, operation: .read, code: errno) }
      if count == 0 { return contents }
      try check(size: contents.count + count, limit: limit)
      contents.append(contentsOf: chunk[..<count])
    }
  }

  /// Fills the buffer with what follows the current position.
  func readAll(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    var filled = 0
    while filled < buffer.count {
      // Darwin refuses more than 2³¹ − 1 bytes in one call.
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(1 << 30))
      let count = Self.retrying { unsafe read(number, room.baseAddress, room.count) }
      if count < 0 { throw FileError(path: reportedPath, operation: .read, code: errno) }
      if count == 0 {
        throw FileError(
          path: reportedPath, operation: .read,
          reason: "expected \(buffer.count - filled) more bytes, found the end")
      }
      filled += count
    }
  }

  func regularFileSize() throws(FileError) -> Int {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else {
      throw FileError(path: reportedPath, operation: .read, code: errno)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFDIR: throw FileError(path: reportedPath, operation: .read, code: EISDIR)
    default:
      throw FileError(path: reportedPath, operation: .read, reason: "Not a regular file")
    }
  }

  func check(size: Int, limit: Int) throws(FileError) {
    guard size <= limit else {
      throw FileError(
        path: reportedPath, operation: .read,
        reason: "expected at most \(limit) bytes, found \(size)")
    }
  }

  /// Writes all of the bytes; the system may take them in pieces.
  func writeAll(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if let failure = unsafe Self.writeAll(bytes, to: number) {
      throw FileError(path: reportedPath, operation: .write, code: failure)
    }
  }

  /// - Parameter isWanted: asked where a signal interrupts a call that waits: whether to go on waiting.
  /// - Returns: the system's number of what went wrong, if anything did.
  static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to number: CInt, while isWanted: () -> Bool = { true }
  ) -> CInt? {
    var rest = unsafe bytes[...]
    while unsafe !rest.isEmpty {
      // Darwin refuses more than 2³¹ − 1 bytes in one call.
      let piece = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let count = unsafe write(number, piece.baseAddress, piece.count)
      if count < 0 {
        if errno == EAGAIN || errno == EWOULDBLOCK {
          // Another process set this pipe or terminal to refuse what it has no room for.
          var waiting = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
          if unsafe poll(&waiting, 1, -1) >= 0 { continue }
        }
        guard errno == EINTR, isWanted() else { return errno }
        continue
      }
      unsafe rest = unsafe rest.dropFirst(count)
    }
    return nil
  }

  /// Takes the lock of the whole file for this opening of it, which gives it up as it closes.
  ///
  /// File systems that know no locks let everybody have them.
  func lock() throws(FileError) {
    if Self.retrying({ flock(number, LOCK_EX | LOCK_NB) }) == 0 { return }
    switch errno {
    case ENOTSUP, ENOSYS, ENOLCK: return
    case EWOULDBLOCK:
      throw FileError(
        path: reportedPath, operation: .lock, reason: "Another run is writing this file")
    case let code: throw FileError(path: reportedPath, operation: .lock, code: code)
    }
  }

  /// Whether the path still leads to this file.
  func isFile(at path: String) -> Bool {
    guard let own = FileIdentity(descriptor: number) else { return false }
    return own == FileIdentity(path)
  }

  /// Whether it is a file with contents of its own: no pipe, terminal or other device.
  var isRegular: Bool { FileIdentity(descriptor: number)?.isRegular ?? false }

  /// Drops what a regular file has past so many bytes, and goes to its end.
  ///
  /// - Returns: where that is; 0 of pipes and devices, which have no length to go back to.
  func continueWriting(after length: Int) throws(FileError) -> Int {
    guard isRegular else { return 0 }
    if try regularFileSize() > length,
      Self.retrying({ ftruncate(number, off_t(length)) }) < 0
    {
      throw FileError(path: reportedPath, operation: .write, code: errno)
    }
    let end = lseek(number, 0, SEEK_END)
    if end < 0 { throw FileError(path: reportedPath, operation: .write, code: errno) }
    return Int(end)
  }

  func setPermissions(_ mode: mode_t) throws(FileError) {
    if Self.retrying({ fchmod(number, mode) }) < 0 {
      throw FileError(path: reportedPath, operation: .setPermissions, code: errno)
    }
  }

  /// Waits until the contents are on the storage device.
  func synchronize() throws(FileError) {
    #if canImport(Darwin)
      // There `fsync` leaves them in the drive's own cache; not every file system knows the other.
      if Self.retrying({ fcntl(number, F_FULLFSYNC) }) >= 0 { return }
    #endif
    if Self.retrying({ fsync(number) }) < 0 {
      throw FileError(path: reportedPath, operation: .synchronize, code: errno)
    }
  }

  private static func retrying<Status: SignedInteger>(_ call: () -> Status) -> Status {
    while true {
      let status = call()
      if status >= 0 || errno != EINTR { return status }
    }
  }
}
