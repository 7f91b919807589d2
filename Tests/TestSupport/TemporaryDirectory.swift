import Foundation

extension [UInt8] {
  /// Writes a file. `Data` would wait for the disk, which tests of thousands of files have no time for.
  package func write(to path: String) throws {
    guard let file = fopen(path, "w") else { throw CocoaError(.fileWriteUnknown) }
    let written = fwrite(self, 1, count, file)
    guard fclose(file) == 0, written == count else { throw CocoaError(.fileWriteUnknown) }
  }
}

/// A directory that is removed together with its owner.
package final class TemporaryDirectory: Sendable {
  package let url: URL

  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "convoy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
  }

  deinit {
    // A directory left behind in the system's temporary folder fails no test.
    try? FileManager.default.removeItem(at: url)
  }

  package var path: String { url.path }

  package func path(of name: String) -> String { "\(path)/\(name)" }

  /// The names of all files in it, hidden ones included.
  package var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  /// Writes a file, in a directory that is made where it is missing.
  package func write(_ bytes: [UInt8], to name: String) throws {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: file.path)
  }

  package func write(_ files: [String: [UInt8]]) throws {
    for (name, bytes) in files { try write(bytes, to: name) }
  }

  package func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: url.appending(path: name))
  }
}
