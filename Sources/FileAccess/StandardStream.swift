import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The process's own streams, with errors in the system's words.
package enum StandardStream: String, Sendable {
  case output = "standard output"
  case error = "standard error"

  private var number: CInt { self == .output ? STDOUT_FILENO : STDERR_FILENO }

  /// Whether the stream was redirected into the regular file at `path`, as by `> file`.
  package func writes(to path: String) -> Bool {
    var (own, other) = (stat(), stat())
    return fstat(number, &own) == 0 && own.st_mode & S_IFMT == S_IFREG && stat(path, &other) == 0
      && own.st_dev == other.st_dev && own.st_ino == other.st_ino
  }

  package func write(_ text: String) throws(FileError) {
    var text = text
    let failure = text.withUTF8 { FileDescriptor.writeAll(UnsafeRawBufferPointer($0), to: number) }
    if let failure { throw FileError(path: rawValue, operation: .write, code: failure) }
  }
}
