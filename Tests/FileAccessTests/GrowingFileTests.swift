import ConvoyFileAccess
import ConvoyTestSupport
import Foundation
import Testing

@Suite struct GrowingFileTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path(of: "log") }

  init() throws { directory = try TemporaryDirectory() }

  private func text() throws -> String {
    String(decoding: try FileContents.read(path, limit: 1 << 20), as: UTF8.self)
  }

  @Test func knowsItsLength() throws {
    try Data("something old".utf8).write(to: URL(filePath: path))
    let file = try GrowingFile(creating: path)
    #expect(file.length == 0)
    try file.append(Data("one\n".utf8))
    try file.append(Data("two\n".utf8))
    #expect(file.length == 8)
    #expect(try text() == "one\ntwo\n")
  }

  @Test(arguments: [(4, "one\nnew"), (8, "one\ntwo\nnew"), (100, "one\ntwo\nnew"), (0, "new")])
  func goesOnAfterALength(length: Int, result: String) throws {
    try Data("one\ntwo\n".utf8).write(to: URL(filePath: path))
    let file = try GrowingFile(opening: path)
    #expect(try text() == "one\ntwo\n")
    try file.continueWriting(after: length)
    #expect(file.length == result.utf8.count - 3)
    try file.append(Data("new".utf8))
    #expect(file.length == result.utf8.count)
    #expect(try text() == result)
  }

  @Test func isOfOneRunAtATime() throws {
    let file = try GrowingFile(creating: path)
    try file.append(Data("one\n".utf8))
    for open in [
      { try GrowingFile(creating: path) }, { try GrowingFile(opening: path) },
    ] {
      let error = #expect(throws: FileError.self) { _ = try open() }
      #expect(error?.description == "\(path): cannot lock: Another run is writing this file")
    }
    #expect(try file.synchronize() == 4)
    #expect(try text() == "one\n")
  }

  /// Nothing is locked there, cut off, or waited for.
  @Test func manyMayWriteToADevice() throws {
    let files = try (0..<2).map { _ in try GrowingFile(opening: "/dev/null") }
    for file in files {
      try file.continueWriting(after: 3)
      try file.append(Data("one\n".utf8))
      #expect(try file.synchronize() == 4)
    }
  }

  @Test func goesOnWithAFileThatIsGone() throws {
    let file = try GrowingFile(opening: path)
    try file.continueWriting(after: 10)
    try file.append(Data("new".utf8))
    #expect(try text() == "new")
  }
}
