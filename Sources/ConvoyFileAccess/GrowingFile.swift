import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is appended to, such as a log. Nothing is buffered in the process.
///
/// A regular file is locked, so that two runs do not write it at once. The system releases the lock
/// when the process ends, even if it is killed.
package final class GrowingFile {
  private let path: String
  private let descriptor: FileDescriptor
  /// The length in bytes, known once `continueWriting(after:)` has been called; for a pipe or a
  /// device, the number of bytes appended.
  package private(set) var length: Int
  /// Whether it is a regular file, whose contents can be continued, not a pipe or device.
  package var isRegular: Bool { descriptor.isRegular }
  /// Whether it has contents that could be lost; always false for a pipe or a device.
  package var hasContents: Bool { (try? descriptor.regularFileSize()) ?? 0 > 0 }
  private var isInDirectory = false

  /// Creates an empty file, or empties the existing one.
  package convenience init(creating path: String) throws(FileError) {
    try self.init(opening: path)
    try continueWriting(after: 0)
  }

  /// Opens or creates a file, and leaves its contents unchanged until `continueWriting(after:)`.
  ///
  /// - Throws: `FileError` if another run is writing the file.
  package convenience init(opening path: String) throws(FileError) {
    try self.init(path, flags: O_WRONLY | O_CREAT)
  }

  private init(_ path: String, flags: CInt) throws(FileError) {
    self.path = path
    descriptor = try FileDescriptor(
      opening: path, flags: flags, mode: 0o666, reporting: path, as: .open)
    // Several runs may well write to one pipe or to /dev/null.
    if descriptor.isRegular {
      try FileLock.checkUnused(path)
      try descriptor.lock()
    }
    length = 0
  }

  /// Continues after the first `length` bytes. The bytes after them were written later than the
  /// checkpoint that is resumed, and will be written again. If the file is shorter, writing
  /// continues at its end.
  package func continueWriting(after length: Int) throws(FileError) {
    self.length = try descriptor.continueWriting(after: length)
  }

  /// Adds bytes at the end. If writing fails, a regular file keeps none of them.
  package func append(_ data: Data) throws(FileError) {
    do throws(FileError) {
      try unsafe data.bytes.withUnsafeBytes { bytes throws(FileError) in
        try unsafe descriptor.writeAll(bytes)
      }
    } catch {
      if isRegular { try? continueWriting(after: length) }
      throw error
    }
    length += data.count
  }

  /// Waits until the contents and the file's name are on the storage device.
  ///
  /// - Returns: the length that survives a loss of power.
  package func synchronize() throws(FileError) -> Int {
    guard descriptor.isRegular else { return length }
    try descriptor.synchronize()
    if !isInDirectory { try WriteTarget(path).synchronizeDirectory() }
    isInDirectory = true
    return length
  }

  /// Opens an existing file and leaves its contents unchanged. If there is no file, checks that one
  /// could be created, and returns nil.
  ///
  /// A pipe stays open from here on: its reader would take closing for the end.
  ///
  /// - Throws: `FileError`, also for a pipe without a reader.
  package static func ifPresent(_ path: String) throws(FileError) -> GrowingFile? {
    guard unsafe access(path, F_OK) == 0 else {
      try AtomicFile.checkWritable(path)
      try FileLock.checkUnused(path)
      return nil
    }
    return try GrowingFile(path, flags: O_WRONLY | O_NONBLOCK)
  }
}
