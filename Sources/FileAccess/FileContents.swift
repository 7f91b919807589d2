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
  package static func read(_ path: String) throws(FileError) -> Data {
    try FileDescriptor(opening: path, flags: O_RDONLY, reporting: path, as: .open).readToEnd()
  }
}
