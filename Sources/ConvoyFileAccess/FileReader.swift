import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads a regular file from its beginning, piece by piece, into the caller's memory.
package struct FileReader: ~Copyable {
  private let descriptor: FileDescriptor
  /// The size when the file was opened.
  package let byteCount: Int

  /// Pipes and devices are refused, because they may have no end.
  ///
  /// - Parameter limit: the largest accepted size, in bytes.
  package init(_ path: String, limit: Int) throws(FileError) {
    let descriptor = try FileDescriptor(reading: path)
    let size = try descriptor.regularFileSize()
    try descriptor.check(size: size, limit: limit)
    byteCount = size
    self.descriptor = descriptor
  }

  /// Fills the buffer with the bytes that follow.
  ///
  /// - Throws: `FileError` on a read error, or if the file has shrunk and has fewer bytes.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    try unsafe descriptor.readAll(into: buffer)
  }
}

/// Reads whole files, with errors that say in one line what the system said.
package enum FileContents {
  /// Reads a regular file into memory. Later changes of the file do not affect the result.
  ///
  /// Pipes and devices are refused, because they may have no end.
  ///
  /// - Parameter limit: the largest accepted size, in bytes.
  package static func read(_ path: String, limit: Int) throws(FileError) -> Data {
    try FileDescriptor(reading: path).readRegularFile(limit: limit)
  }
}
