import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
