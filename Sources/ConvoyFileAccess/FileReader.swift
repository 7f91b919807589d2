import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads a regular file from its beginning, piece by piece, into memory that the caller has.
package struct FileReader: ~Copyable {
  private let descriptor: FileDescriptor
  /// The size when the file was opened.
  package let byteCount: Int

  /// Pipes and devices are refused, since they may have no end.
  ///
  /// - Parameter limit: bytes that the file may have at the most.
  package init(_ path: String, limit: Int) throws(FileError) {
    let descriptor = try FileDescriptor(reading: path)
    let size = try descriptor.regularFileSize()
    try descriptor.check(size: size, limit: limit)
    byteCount = size
    self.descriptor = descriptor
  }

  /// Fills the buffer with the bytes that follow.
  ///
  /// - Throws: `FileError` if there are not as many, because the file has shrunk.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    try unsafe descriptor.readAll(into: buffer)
  }
}

/// Reads whole files, with errors that say in one line what the system said.
package enum FileContents {
  /// The bytes of a regular file, which are in memory from then on: what happens to the file later
  /// changes nothing.
  ///
  /// Pipes and devices are refused, since they may have no end.
  ///
  /// - Parameter limit: bytes that the file may have at the most.
  package static func read(_ path: String, limit: Int) throws(FileError) -> Data {
    try FileDescriptor(reading: path).readRegularFile(limit: limit)
  }
}
