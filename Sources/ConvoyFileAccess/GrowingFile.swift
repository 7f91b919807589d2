import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is written piece by piece, such as a log. What is in it is what was appended so far.
///
/// A regular file is locked, so that two runs do not write it at once. The system gives the lock up
/// with the process, however that ends.
package final class GrowingFile {
  private let path: String
  private let descriptor: FileDescriptor
  /// Bytes that the file holds; of a pipe or a device, those that were appended.
  package private(set) var length: Int
  /// Whether it has contents of its own to go on after: no pipe, terminal or other device.
  package var isRegular: Bool { descriptor.isRegular }
  /// Whether there is something in it that could be lost; never in a pipe or a device.
  package var hasContents: Bool { (try? descriptor.regularFileSize()) ?? 0 > 0 }
  private var isInDirectory = false

  /// Begins an empty file, in the place of what may be there.
  package convenience init(creating path: String) throws(FileError) {
    try self.init(opening: path)
    try continueWriting(after: 0)
  }

  /// Opens a file and changes nothing in it before `continueWriting(after:)`.
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

  /// Continues after the first `length` bytes; what follows them was written by a run that is resumed
  /// before it, and will be written again. If the file is shorter, writing continues at its end.
  package func continueWriting(after length: Int) throws(FileError) {
    self.length = try descriptor.continueWriting(after: length)
  }

  package func append(_ data: Data) throws(FileError) {
    try unsafe data.bytes.withUnsafeBytes { bytes throws(FileError) in
      try unsafe descriptor.writeAll(bytes)
    }
    length += data.count
  }

  /// Waits until the contents and the file's name are on the storage device.
  ///
  /// - Returns: the length that outlasts a loss of power.
  package func synchronize() throws(FileError) -> Int {
    guard descriptor.isRegular else { return length }
    try descriptor.synchronize()
    if !isInDirectory { try WriteTarget(path).synchronizeDirectory() }
    isInDirectory = true
    return length
  }

  /// Opens a file that is there, and changes nothing in it; of one that is not there, checks that it
  /// could be created.
  ///
  /// A pipe stays open from here on. If it were closed, its reader would take that for the end.
  ///
  /// - Throws: `FileError`, also if the file is a pipe without a reader.
  package static func ifPresent(_ path: String) throws(FileError) -> GrowingFile? {
    guard unsafe access(path, F_OK) == 0 else {
      try AtomicFile.checkWritable(path)
      try FileLock.checkUnused(path)
      return nil
    }
    return try GrowingFile(path, flags: O_WRONLY | O_NONBLOCK)
  }
}
