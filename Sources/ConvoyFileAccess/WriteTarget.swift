#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The target of a write: a new file, or a regular file to be replaced.
struct WriteTarget {
  /// The path as the caller wrote it, for messages.
  let givenPath: String
  /// The path with symbolic links followed, so that a link stays and the file behind it changes.
  let path: String
  let directory: String
  /// The name of the file in its directory.
  let name: String
  /// The permissions of the file to be replaced; nil for a new file.
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

  /// Throws `FileError` if a directory of the path is missing; it names the first one that is.
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

  /// The part after the last slash.
  static func name(of path: String) -> String {
    lastSlash(of: path).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  /// Searches bytes, because a slash and a combining accent after it are one character.
  private static func lastSlash(of path: String) -> String.Index? {
    path.utf8.lastIndex(of: UInt8(ascii: "/"))
  }
}
