import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tells whether two paths lead to the same file, also where it does not exist yet.
package enum CanonicalPath {
  /// The path without links and dots; of a file that is not there, as far as its directory is.
  package static func of(_ path: String) -> String {
    if let resolved = resolved(path) { return resolved }
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let directory = url.deletingLastPathComponent().path
    return (resolved(directory) ?? directory) + "/" + url.lastPathComponent
  }

  /// The path from the root, which means the same file whatever the working directory becomes. A
  /// working directory whose name is not UTF-8 leaves the path as it is.
  package static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let bytes = getcwd(nil, 0) else { return path }
    defer { free(bytes) }
    guard let directory = String(validatingCString: bytes) else { return path }
    return directory == "/" ? "/\(path)" : "\(directory)/\(path)"
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
