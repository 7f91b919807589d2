import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Keeps a file to one run while it is written, also where it is replaced as a whole.
///
/// The lock is on a hidden file beside it, `.name.lock`, because a file that is replaced by a rename
/// takes no lock along. The system gives the lock up with the process, however that ends: a lock file
/// that a killed process left behind blocks nobody. It is removed with the lock.
package final class FileLock {
  private let path: String
  private let descriptor: FileDescriptor

  /// - Parameter path: the file to be kept, which need not be there.
  /// - Throws: `FileError` if another run has the lock.
  package init(of path: String) throws(FileError) {
    let target = URL(fileURLWithPath: CanonicalPath.of(path))
    let lockPath = target.deletingLastPathComponent().path + "/.\(target.lastPathComponent).lock"
    while true {
      let descriptor = try FileDescriptor(
        opening: lockPath, flags: O_RDWR | O_CREAT, mode: 0o666, reporting: path, as: .lock)
      try descriptor.lock()
      // Whoever had the lock before may have removed the file after it was opened here.
      if descriptor.isFile(at: lockPath) {
        self.path = lockPath
        self.descriptor = descriptor
        return
      }
    }
  }

  /// The file goes first: whoever opens it after that makes another one.
  deinit { unlink(path) }
}
