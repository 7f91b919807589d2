import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyDatasets

/// Files that others change while they are read.
@Suite("Files that change while they are read")
struct ChangingFileTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.path(of: "file")
  }

  @Test("A file that became shorter since its size was checked")
  func shorter() throws {
    try directory.write(Samples.images(5), to: "file")
    let file = try FileSource(path: path)
    try file.verify(byteCount: 46)
    #expect(truncate(path, 40) == 0)
    do {
      _ = try file.take(46, at: 0)
      Issue.record("nothing was refused")
    } catch {
      #expect(error == .truncated(file: path, expected: 46, found: 40))
    }
  }

  @Test("A compressed file that became shorter")
  func shorterGzip() throws {
    var state: UInt32 = 1
    let noise = (0..<600_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    try directory.write(try Gzip.member(noise), to: "file")
    let gzip = try GzipSource(FileSource(path: path))
    // A chunk of the file is in memory from then on.
    #expect(try gzip.take(10, at: 0) == Array(noise.prefix(10)))
    #expect(truncate(path, 300_000) == 0)
    do {
      _ = try gzip.take(noise.count - 10, at: 10)
      Issue.record("nothing was refused")
    } catch {
      #expect(error == .truncatedGzip(file: path, found: 300_000))
    }
  }

  @Test("A file that is removed once it is open is read to its end")
  func removed() throws {
    try directory.write([1, 2, 3], to: "file")
    let file = try FileSource(path: path)
    try directory.remove("file")
    #expect(try file.take(3, at: 0) == [1, 2, 3])
    #expect(throws: DatasetError.self) { try FileSource(path: path) }
  }

  @Test("Pipes and devices are refused at once")
  func noRegularFile() throws {
    #expect(mkfifo(path, 0o600) == 0)
    for path in [path, "/dev/zero", directory.path] {
      let error = #expect(throws: DatasetError.self) { try FileSource(path: path) }
      #expect(error == .unreadable(file: path, reason: "not a regular file"))
    }
  }
}
