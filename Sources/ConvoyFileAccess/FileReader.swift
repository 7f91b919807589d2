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

  /// Reads the first bytes of a regular file: `count`, or all if there are fewer.
  package static func start(of path: String, count: Int) throws(FileError) -> [UInt8] {
    let reader = try FileReader(path, limit: .max)
    var start = [UInt8](repeating: 0, count: min(count, reader.byteCount))
    var span = start.mutableSpan
    try unsafe span.withUnsafeMutableBytes { bytes throws(FileError) in
      try unsafe reader.read(into: bytes)
    }
    return start
  }
}
