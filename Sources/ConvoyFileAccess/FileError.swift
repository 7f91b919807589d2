#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An operation on a file that failed, and why.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was tried; the raw value completes "cannot".
  package enum Operation: String, Sendable {
    case open
    case read
    case write
    case inspect
    case lock
    case synchronize
    case openDirectory = "open its directory"
    case createTemporaryFile = "create a temporary file beside it"
    case setPermissions = "set its permissions"
    case replace
    case findFromTheRoot = "find it from the root, as a checkpoint keeps it"
  }

  /// The path as the caller gave it, not that of a temporary file.
  package let path: String
  package let operation: Operation
  /// The system's message for the error number, or a description of what is wrong.
  package let reason: String

  package init(path: String, operation: Operation, reason: String) {
    self.path = path
    self.operation = operation
    self.reason = reason
  }

  package init(path: String, operation: Operation, code: CInt) {
    unsafe self.init(path: path, operation: operation, reason: String(cString: strerror(code)))
  }

  /// Whether the reader of a pipe has closed it.
  package var isClosedPipe: Bool {
    self == FileError(path: path, operation: .write, code: EPIPE)
  }

  package var description: String { "\(path): cannot \(operation.rawValue): \(reason)" }
}
