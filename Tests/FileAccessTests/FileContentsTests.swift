import ConvoyFileAccess
import ConvoyTestSupport
import Foundation
import Testing

/// Only a regular file of a size that is allowed is read.
@Suite struct FileContentsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func aFileOfTheLargestSizeIsRead() throws {
    let path = directory.path(of: "file")
    try AtomicFile.write(Data([1, 2, 3]), to: path)
    #expect(try FileContents.read(path, limit: 3) == Data([1, 2, 3]))
    expectRefusal(of: path, limit: 2, "cannot read: expected at most 2 bytes, found 3")
  }

  /// Some of the system's own files say that they are empty and are not.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
  func aFileThatHidesItsSizeIsReadNoFurtherThanTheLimit() throws {
    let path = "/proc/self/status"
    #expect(try !FileContents.read(path, limit: 1 << 20).isEmpty)
    let error = #expect(throws: FileError.self) { try FileContents.read(path, limit: 10) }
    #expect(error?.description.hasPrefix("\(path): cannot read: expected at most 10 bytes") == true)
  }

  @Test func devicesAndDirectoriesAreRefused() {
    expectRefusal(of: "/dev/zero", limit: 100, "cannot read: Not a regular file")
    expectRefusal(of: directory.path, limit: 100, "cannot read: Is a directory")
  }

  /// Opening a pipe that nobody writes to would otherwise wait for ever.
  @Test func pipesAreRefused() {
    let path = directory.path(of: "pipe")
    #expect(mkfifo(path, 0o600) == 0)
    expectRefusal(of: path, limit: 100, "cannot read: Not a regular file")
  }

  private func expectRefusal(
    of path: String, limit: Int, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
      try FileContents.read(path, limit: limit)
    }
    #expect(error?.description == "\(path): \(message)", sourceLocation: sourceLocation)
  }
}
