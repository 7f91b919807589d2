#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tells whether two paths lead to the same file. Files that are there are compared by what they are,
/// since a file may have several names; others by their paths without links and dots, as far as their
/// directories are there.
///
/// Paths are bytes, since names that are equal characters may be two files, and need not be UTF-8.
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

  /// The file's name in it, with other characters in the place of what is not UTF-8.
  package var name: String {
    String(decoding: bytes.split(separator: Self.slash).last ?? [], as: UTF8.self)
  }

  /// The path from the root, which means the same file whatever the working directory becomes.
  ///
  /// - Throws: `FileError` if the working directory's name is not UTF-8, and there is none.
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
