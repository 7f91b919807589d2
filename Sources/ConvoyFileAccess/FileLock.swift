#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reserves a file for one run while the run writes it, even if it is replaced as a whole.
///
/// The lock is on a hidden file beside it, `.name.lock`, because a rename that replaces a file
/// loses a lock on it. The system releases the lock when the process ends, even if it is killed, so
/// a lock file left behind blocks nobody. The lock file is removed when the lock is released.
package final class FileLock {
  private let path: String
  private let descriptor: FileDescriptor

  /// - Parameter path: the file to reserve, which need not exist.
  /// - Throws: `FileError` if another run holds the lock or is appending to the file.
  package init(of path: String) throws(FileError) {
    let lockPath = try Self.path(for: path)
    while true {
      let descriptor = try Self.openLockFile(lockPath, reporting: path)
      try descriptor.lock()
      // Whoever had the lock before may have removed the file after it was opened here.
      if descriptor.isFile(at: lockPath) {
        self.path = lockPath
        self.descriptor = descriptor
        // If this throws, `deinit` releases the lock.
        try Self.checkNotLogged(path)
        return
      }
    }
  }

  /// Opens the lock file, and makes it if there is none. A link is refused: it would lead to a file that
  /// is not this one's.
  private static func openLockFile(
    _ lockPath: String, reporting path: String
  ) throws(FileError) -> FileDescriptor {
    while true {
      do throws(FileError) {
        let made = try FileDescriptor(
          opening: lockPath, flags: O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o666,
          reporting: path, as: .lock)
        // Other users may take the lock after a killed run, whatever the umask. Without permissions, as
        // on some file systems, the lock holds as well.
        try? made.setPermissions(0o666)
        return made
      } catch {
        guard error == FileError(path: path, operation: .lock, code: EEXIST) else { throw error }
      }
      if let present = try openPresent(lockPath, reporting: path) { return present }
    }
  }

  /// Nil if there is no lock file.
  private static func openPresent(
    _ lockPath: String, reporting path: String
  ) throws(FileError) -> FileDescriptor? {
    do throws(FileError) {
      return try FileDescriptor(
        opening: lockPath, flags: O_RDONLY | O_NONBLOCK | O_NOFOLLOW, reporting: path, as: .lock)
    } catch {
      guard error == FileError(path: path, operation: .lock, code: ENOENT) else { throw error }
      return nil
    }
  }

  /// `.name.lock` or, if that is too long for a file name, a name made of its hash (FNV-1a; Fowler,
  /// Noll and Vo, 1991).
  private static func name(for file: String) -> String {
    let name = ".\(file).lock"
    guard name.utf8.count > longestName else { return name }
    let hash = file.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    return ".\(String(hash, radix: 16)).lock"
  }

  private static let longestName = 255

  /// Removes the lock file before releasing the lock: a run that opens it afterwards creates a new
  /// one.
  deinit {
    if descriptor.isFile(at: path) { unsafe unlink(path) }
  }

  /// Throws `FileError` if another run is writing the file, under a lock beside it or on it.
  package static func checkUnused(_ path: String) throws(FileError) {
    if let present = try openPresent(Self.path(for: path), reporting: path) {
      try present.lock(isShared: true)
    }
    try checkNotLogged(path)
  }

  /// Throws `FileError` if another run is appending to the file.
  private static func checkNotLogged(_ path: String) throws(FileError) {
    guard FileIdentity(path)?.isRegular ?? false else { return }
    try FileDescriptor(
      opening: path, flags: O_RDONLY | O_NONBLOCK, reporting: path, as: .lock
    ).lock(isShared: true)
  }

  private static func path(for file: String) throws(FileError) -> String {
    let target = try WriteTarget(file)
    return "\(target.directory)/\(name(for: target.name))"
  }
}
