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

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
