#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A path that can be compared: two are equal if they lead to the same file. Regular files that
/// exist are compared by identity, because a file may have several names. Other paths are compared
/// with links and dots resolved, as far as their directories exist.
///
/// Paths are compared as bytes: names of equal characters may belong to two files, and a name need
/// not be UTF-8.
package struct CanonicalPath: Equatable {
  private let bytes: [UInt8]
  private let identity: FileIdentity?

  package init(_ path: String) {
    bytes = Self.resolved(path)
    identity = FileIdentity(path)
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    identity = nil
  }

  package static func == (one: CanonicalPath, other: CanonicalPath) -> Bool {
    if one.bytes == other.bytes { return true }
    guard let identity = one.identity, identity.isRegular else { return false }
    return identity == other.identity
  }

  /// The directory that the file is in.
  package var directory: CanonicalPath {
    guard let end = bytes.lastIndex(of: Self.slash), end > 0 else {
      return CanonicalPath(bytes: [Self.slash])
    }
    return CanonicalPath(bytes: Array(bytes[..<end]))
  }

  /// Whether the file is in that directory or below.
  package func isInside(_ directory: CanonicalPath) -> Bool {
    bytes.starts(
      with: directory.bytes == [Self.slash] ? [Self.slash] : directory.bytes + [Self.slash])
  }

  /// The name of the file in its directory; invalid UTF-8 is replaced.
  package var name: String {
    String(decoding: bytes.split(separator: Self.slash).last ?? [], as: UTF8.self)
  }

  /// The absolute path, which leads to the same file even if the working directory changes.
  ///
  /// - Throws: `FileError` if the working directory cannot be determined or its name is not UTF-8.
  package static func absolute(_ path: String) throws(FileError) -> String {
    guard path.utf8.first != slash else { return path }
    guard let bytes = unsafe getcwd(nil, 0) else {
      throw FileError(path: path, operation: .findFromTheRoot, code: errno)
    }
    defer { unsafe free(bytes) }
    guard let directory = unsafe String(validatingCString: bytes) else {
      throw FileError(
        path: path, operation: .findFromTheRoot,
        reason: "The name of the working directory is not UTF-8")
    }
    return directory == "/" ? "/\(path)" : "\(directory)/\(path)"
  }

  private static let slash = UInt8(ascii: "/")

  private static func resolved(_ path: String) -> [UInt8] {
    if let resolved = unsafe realpath(path, nil) {
      defer { unsafe free(resolved) }
      return unsafe Array(UnsafeBufferPointer(start: resolved, count: strlen(resolved))).map {
        UInt8(bitPattern: $0)
      }
    }
    guard path != "", path != ".", path != "/" else { return Array(path.utf8) }
    let parent = resolved(WriteTarget.directory(of: path))
    return (parent == [slash] ? [] : parent) + [slash] + Array(WriteTarget.name(of: path).utf8)
  }
}
