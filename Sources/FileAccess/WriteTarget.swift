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
  /// Those of the file to be replaced; nil for a new one.
  let permissions: mode_t?

  /// Refuses directories and devices: a rename would put a file in the place of `/dev/null`.
  init(_ givenPath: String) throws(FileError) {
    self.givenPath = givenPath
    var status = stat()
    if stat(givenPath, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: permissions = status.st_mode & 0o777
      case S_IFDIR: throw FileError(path: givenPath, operation: .write, code: EISDIR)
      default:
        throw FileError(path: givenPath, operation: .write, reason: "Not a regular file")
      }
    } else if errno == ENOENT, !givenPath.isEmpty, !givenPath.hasSuffix("/") {
      guard lstat(givenPath, &status) != 0 else {
        throw FileError(
          path: givenPath, operation: .write, reason: "A symbolic link that leads nowhere")
      }
      permissions = nil
    } else {
      throw FileError(path: givenPath, operation: .write, code: errno)
    }

    var path = givenPath
    if permissions != nil, let resolved = realpath(givenPath, nil) {
      path = String(cString: resolved)
      free(resolved)
    }
    self.path = path
    directory = Self.directory(of: path)
  }

  /// Makes the rename itself survive a loss of power.
  func synchronizeDirectory() throws(FileError) {
    try FileDescriptor(
      opening: directory, flags: O_RDONLY | O_DIRECTORY, reporting: givenPath, as: .openDirectory
    ).synchronize()
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
