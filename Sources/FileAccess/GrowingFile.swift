import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is written piece by piece, such as a log. What is in it is what was appended so far.
package final class GrowingFile {
  private let descriptor: FileDescriptor
  /// Bytes that the file holds.
  package private(set) var length: Int

  /// Begins an empty file, in the place of what may be there.
  package init(creating path: String) throws(FileError) {
    descriptor = try FileDescriptor(
      opening: path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o666, reporting: path, as: .open)
    length = 0
  }

  /// Goes on with a file after its first `length` bytes; what follows them was written by a run that
  /// is taken up again before it, and will be written again. A shorter file is gone on with at its end.
  package init(continuing path: String, after length: Int) throws(FileError) {
    descriptor = try FileDescriptor(
      opening: path, flags: O_WRONLY | O_CREAT, mode: 0o666, reporting: path, as: .open)
    self.length = try descriptor.continueWriting(after: length)
  }

  package func append(_ data: Data) throws(FileError) {
    try descriptor.writeAll(data)
    length += data.count
  }

  /// Throws what `init` would throw now, and changes nothing.
  package static func checkWritable(_ path: String) throws(FileError) {
    guard access(path, F_OK) == 0 else { return try AtomicFile.checkWritable(path) }
    _ = try FileDescriptor(
      opening: path, flags: O_WRONLY | O_NONBLOCK, reporting: path, as: .open)
  }
}
