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
    guard let own = FileIdentity(descriptor: number), own.isRegular else { return false }
    return own == FileIdentity(path)
  }

  /// - Parameter isWanted: called when a signal interrupts waiting for a reader; false stops
  ///   waiting.
  package func write(
    _ text: String, while isWanted: () -> Bool = { true }
  ) throws(FileError) {
    var text = text
    let failure = text.withUTF8 {
      unsafe FileDescriptor.writeAll(UnsafeRawBufferPointer($0), to: number, while: isWanted)
    }
    if let failure { throw FileError(path: rawValue, operation: .write, code: failure) }
  }
}
