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
      let descriptor = try FileDescriptor(
        opening: lockPath, flags: O_RDONLY | O_CREAT | O_NONBLOCK, mode: 0o666, reporting: path,
        as: .lock)
      // Other users may take the lock after a killed run, whatever the umask. Only the owner of the
      // lock file can set its permissions, so an error is ignored.
      try? descriptor.setPermissions(0o666)
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
    let lockPath = try Self.path(for: path)
    if unsafe access(lockPath, F_OK) == 0 {
      try FileDescriptor(opening: lockPath, flags: O_RDONLY, reporting: path, as: .lock).lock()
    }
    try checkNotLogged(path)
  }

  /// Throws `FileError` if another run is appending to the file.
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
