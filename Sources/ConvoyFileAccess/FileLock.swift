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
/// that a killed process left behind blocks nobody. It is removed when the lock is released.
package final class FileLock {
  private let path: String
  private let descriptor: FileDescriptor

  /// - Parameter path: the file to be kept, which need not be there.
  /// - Throws: `FileError` if another run has the lock, or is adding to the file.
  package init(of path: String) throws(FileError) {
    let lockPath = try Self.path(for: path)
    while true {
      let descriptor = try FileDescriptor(
        opening: lockPath, flags: O_RDONLY | O_CREAT | O_NONBLOCK, mode: 0o666, reporting: path,
        as: .lock)
      // Others may take the lock after a run that was killed, whatever this user's mask is. Its owner
      // alone can say so.
      try? descriptor.setPermissions(0o666)
      try descriptor.lock()
      // Whoever had the lock before may have removed the file after it was opened here.
      if descriptor.isFile(at: lockPath) {
        self.path = lockPath
        self.descriptor = descriptor
        // Gives the lock up again where it throws.
        try Self.checkNotLogged(path)
        return
      }
    }
  }

  /// `.name.lock`; of a name that would become longer than names may be, a number made of it
  /// (FNV-1a; Fowler, Noll and Vo, 1991).
  private static func name(for file: String) -> String {
    let name = ".\(file).lock"
    guard name.utf8.count > longestName else { return name }
    let hash = file.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    return ".\(String(hash, radix: 16)).lock"
  }

  private static let longestName = 255

  /// The file goes first: whoever opens it after that makes another one.
  deinit {
    if descriptor.isFile(at: path) { unsafe unlink(path) }
  }

  /// Throws `FileError` if another run is writing the file, under a lock beside it or on it.
  package static func checkUnused(_ path: String) throws(FileError) {
    let lockPath = try Self.path(for: path)
    if unsafe access(lockPath, F_OK) == 0 {
      try FileDescriptor(opening: lockPath, flags: O_RDONLY, reporting: path, as: .lock).lock()
    }
    try checkNotLogged(path)
  }

  /// Throws `FileError` if another run is adding to the file.
  private static func checkNotLogged(_ path: String) throws(FileError) {
    guard FileIdentity(path)?.isRegular ?? false else { return }
    try FileDescriptor(
      opening: path, flags: O_RDONLY | O_NONBLOCK, reporting: path, as: .lock
    ).lock()
  }

  private static func path(for file: String) throws(FileError) -> String {
    let target = try WriteTarget(file)
    return "\(target.directory)/\(name(for: target.name))"
  }
}
