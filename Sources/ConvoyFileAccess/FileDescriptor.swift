import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An open file, closed with its owner.
///
/// Errors of closing are ignored: what was written is safe once `synchronize` has returned, and
/// what was read does not depend on closing. Calls that a signal interrupts are retried.
struct FileDescriptor: ~Copyable {
  private let number: CInt
  /// The path in error messages.
  private let reportedPath: String

  init(
    opening path: String, flags: CInt, mode: mode_t = 0, reporting reportedPath: String,
    as operation: FileError.Operation
  ) throws(FileError) {
    number = Self.retrying { unsafe open(path, flags | O_CLOEXEC, mode) }
    self.reportedPath = reportedPath
    if number < 0 { throw FileError(path: reportedPath, operation: operation, code: errno) }
  }

  /// Opens a file to be read. Opening a pipe would otherwise wait for its writer; regular files
  /// ignore the flag.
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
    // A file may grow while it is read, and some system files report a size of 0.
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

  /// - Parameter isWanted: called when a signal interrupts a blocked call; false stops waiting.
  /// - Returns: the error number; nil on success.
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
          // Another process made this pipe or terminal non-blocking.
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

  /// Locks the whole file for this descriptor; closing it releases the lock.
  ///
  /// On file systems without locks, this always succeeds.
  ///
  /// - Parameter isShared: whether others may hold such a lock at the same time.
  /// - Throws: `FileError` if the file is locked already.
  func lock(isShared: Bool = false) throws(FileError) {
    let kind = isShared ? LOCK_SH : LOCK_EX
    if Self.retrying({ flock(number, kind | LOCK_NB) }) == 0 { return }
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

  /// Whether the file is a regular file, not a directory, pipe or device.
  var isRegular: Bool { FileIdentity(descriptor: number)?.isRegular ?? false }

  /// Truncates a regular file to at most `length` bytes, and moves to its end.
  ///
  /// - Returns: the offset of the end; 0 for pipes and devices, which have no length.
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
      // On Darwin, `fsync` leaves them in the drive's cache. Not every file system supports
      // F_FULLFSYNC.
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
