#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where a file is to be written: nothing yet, or a regular file to be replaced.
struct WriteTarget {
  /// The path as the caller wrote it, for messages.
  let givenPath: String
  /// The path with symbolic links followed, so that a link stays and the file behind it changes.
  let path: String
  let directory: String
  /// The file's, in its directory.
  let name: String
  /// Those of the file to be replaced; nil for a new one.
  let permissions: mode_t?

  /// Refuses directories and devices: a rename would put a file in the place of `/dev/null`.
  init(_ givenPath: String) throws(FileError) {
    self.givenPath = givenPath
    var status = stat()
    if unsafe stat(givenPath, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: permissions = status.st_mode & 0o777
      case S_IFDIR: throw FileError(path: givenPath, operation: .write, code: EISDIR)
      default:
        throw FileError(path: givenPath, operation: .write, reason: "Not a regular file")
      }
    } else if errno == ENOENT, !givenPath.isEmpty, !givenPath.hasSuffix("/") {
      guard unsafe lstat(givenPath, &status) != 0 else {
        throw FileError(
          path: givenPath, operation: .write, reason: "A symbolic link that leads nowhere")
      }
      permissions = nil
      try Self.checkDirectory(of: givenPath)
    } else {
      throw FileError(path: givenPath, operation: .write, code: errno)
    }

    var path = givenPath
    if permissions != nil, unsafe lstat(givenPath, &status) == 0,
      status.st_mode & S_IFMT == S_IFLNK,
      let resolved = unsafe realpath(givenPath, nil)
    {
      defer { unsafe free(resolved) }
      guard let text = unsafe String(validatingCString: resolved) else {
        throw FileError(
          path: givenPath, operation: .write,
          reason: "A symbolic link to a file whose path is not UTF-8")
      }
      path = text
    }
    self.path = path
    directory = Self.directory(of: path)
    name = Self.name(of: path)
  }

  /// Refuses a directory that is missing, by the first name that leads nowhere.
  private static func checkDirectory(of givenPath: String) throws(FileError) {
    var status = stat()
    var missing: String?
    var directory = directory(of: givenPath)
    while unsafe stat(directory, &status) != 0, errno == ENOENT {
      missing = directory
      directory = Self.directory(of: directory)
    }
    guard let missing else { return }
    throw FileError(
      path: givenPath, operation: .write,
      reason: unsafe "\(missing): \(String(cString: strerror(ENOENT)))")
  }

  /// Makes the rename itself survive a loss of power.
  func synchronizeDirectory() throws(FileError) {
    try FileDescriptor(
      opening: directory, flags: O_RDONLY | O_DIRECTORY, reporting: givenPath, as: .openDirectory
    ).synchronize()
  }

  static func directory(of path: String) -> String {
    guard let slash = lastSlash(of: path) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What follows the directory.
  static func name(of path: String) -> String {
    lastSlash(of: path).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  /// Among bytes, since a slash and an accent behind it are one character.
  private static func lastSlash(of path: String) -> String.Index? {
    path.utf8.lastIndex(of: UInt8(ascii: "/"))
  }
}
