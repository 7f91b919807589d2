import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that will replace another; removed with its owner if it has not.
struct TemporaryFile: ~Copyable {
  private let path: String
  private let target: WriteTarget
  private let descriptor: FileDescriptor
  private var hasReplacedTarget = false

  /// Creates the file in the target's own directory, since a rename cannot cross file systems.
  init(for target: WriteTarget) throws(FileError) {
    // The name does not contain the target's, which may already be as long as names can be.
    let unique = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    path = "\(target.directory)/.\(unique).partial"
    self.target = target
    // Nobody reads it while it is written who may not read the file that it replaces.
    descriptor = try FileDescriptor(
      opening: path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: target.permissions ?? 0o666,
      reporting: target.givenPath, as: .createTemporaryFile)
  }

  deinit {
    if !hasReplacedTarget { unsafe unlink(path) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try unsafe descriptor.writeAll(bytes)
  }

  /// Sets the permissions of the replaced file, and waits until the contents are on the storage
  /// device.
  func finish() throws(FileError) {
    if let permissions = target.permissions { try descriptor.setPermissions(permissions) }
    try descriptor.synchronize()
  }

  /// Replaces the target atomically.
  consuming func replaceTarget() throws(FileError) {
    if unsafe rename(path, target.path) != 0 {
      throw FileError(path: target.givenPath, operation: .replace, code: errno)
    }
    hasReplacedTarget = true
  }
}
