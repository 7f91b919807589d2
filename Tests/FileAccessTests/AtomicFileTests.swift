import ConvoyFileAccess
import ConvoyTestSupport
import Foundation
import Testing

@Suite struct AtomicFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(arguments: [0, 1, 3_000_001])
  func writesANewFile(size: Int) throws {
    let data = Data((0..<size).map { UInt8(truncatingIfNeeded: $0) })
    try AtomicFile.write(data, to: directory.path(of: "model"))
    #expect(try FileContents.read(directory.path(of: "model"), limit: 1 << 24) == data)
    #expect(try directory.names == ["model"])
  }

  /// Pieces small and large, and none.
  @Test func writesPiecesInTheirOrder() throws {
    let path = directory.path(of: "model")
    let sizes = [3, 0, 65_530, 7, 200_000, 1, 65_536, 65_537, 5]
    let pieces = sizes.enumerated().map { Data(repeating: UInt8($0), count: $1) }
    var file = try AtomicFile(replacing: path)
    for piece in pieces {
      try piece.bytes.withUnsafeBytes { bytes throws(FileError) in try file.append(bytes) }
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    try file.commit()
    #expect(try FileContents.read(path, limit: 1 << 20) == Data(pieces.joined()))
    #expect(try directory.names == ["model"])
  }

  @Test func whatIsNotCommittedChangesNothing() throws {
    let path = directory.path(of: "model")
    try AtomicFile.write(Data("old".utf8), to: path)
    do {
      var file = try AtomicFile(replacing: path)
      try Data("new".utf8).bytes.withUnsafeBytes { bytes throws(FileError) in
        try file.append(bytes)
      }
    }
    #expect(try FileContents.read(path, limit: 1 << 20) == Data("old".utf8))
    #expect(try directory.names == ["model"])
  }

  @Test func replacesAFileAndKeepsItsPermissions() throws {
    let path = directory.path(of: "model")
    try Data("longer than the new one".utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try AtomicFile.write(Data("new".utf8), to: path)
    #expect(try FileContents.read(path, limit: 1 << 24) == Data("new".utf8))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(try directory.names == ["model"])
  }

  @Test func keepsASymbolicLinkAndReplacesTheFileBehindIt() throws {
    let link = directory.path(of: "latest")
    try AtomicFile.write(Data("old".utf8), to: directory.path(of: "model"))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "model")
    try AtomicFile.write(Data("new".utf8), to: link)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "model")
    #expect(try FileContents.read(directory.path(of: "model"), limit: 1 << 24) == Data("new".utf8))
  }

  @Test func writesANameAsLongAsNamesCanBe() throws {
    let name = String(repeating: "m", count: 255)
    try AtomicFile.write(Data("new".utf8), to: directory.path(of: name))
    #expect(try directory.names == [name])
  }

  @Test func writesIntoTheWorkingDirectory() throws {
    let name = "convoy-\(UUID().uuidString)"
    try AtomicFile.write(Data("here".utf8), to: name)
    #expect(try FileContents.read(name, limit: 1 << 24) == Data("here".utf8))
    try FileManager.default.removeItem(atPath: name)
  }

  @Test func checkingLeavesNothingBehind() throws {
    try AtomicFile.checkWritable(directory.path(of: "model"))
    #expect(try directory.names == [])
    try AtomicFile.write(Data("old".utf8), to: directory.path(of: "model"))
    try AtomicFile.checkWritable(directory.path(of: "model"))
    #expect(try FileContents.read(directory.path(of: "model"), limit: 1 << 24) == Data("old".utf8))
    #expect(try directory.names == ["model"])
  }

  @Test func refusesADirectory() throws {
    expectRefusal(of: directory.path, "cannot write: Is a directory")
    #expect(try directory.names == [])
  }

  @Test func refusesADevice() {
    expectRefusal(of: "/dev/null", "cannot write: Not a regular file")
  }

  @Test func refusesAMissingDirectory() {
    expectRefusal(
      of: directory.path(of: "missing/further/model"),
      "cannot write: \(directory.path(of: "missing")): No such file or directory")
    expectRefusal(of: directory.path(of: "missing/"), "cannot write: No such file or directory")
    expectRefusal(of: "", "cannot write: No such file or directory")
  }

  @Test func refusesAFileAsDirectory() throws {
    try AtomicFile.write(Data(), to: directory.path(of: "file"))
    expectRefusal(of: directory.path(of: "file/model"), "cannot write: Not a directory")
  }

  @Test(.disabled(if: geteuid() == 0, "No permission stops the superuser."))
  func refusesADirectoryWithoutPermission() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: directory.path)
    expectRefusal(
      of: directory.path(of: "model"), "cannot create a temporary file beside it: Permission denied"
    )
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
  }

  @Test func readingSaysWhatTheSystemSaid() {
    let missing = directory.path(of: "missing")
    let error = #expect(throws: FileError.self) { try FileContents.read(missing, limit: 1 << 24) }
    #expect(error?.description == "\(missing): cannot open: No such file or directory")
    let directoryError = #expect(throws: FileError.self) {
      try FileContents.read(directory.path, limit: 1 << 24)
    }
    #expect(directoryError?.description == "\(directory.path): cannot read: Is a directory")
  }

  /// Both the check and the write must say so, each with the path as given.
  private func expectRefusal(
    of path: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let checked = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
      try AtomicFile.checkWritable(path)
    }
    let written = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
      try AtomicFile.write(Data("new".utf8), to: path)
    }
    #expect(checked?.description == "\(path): \(message)", sourceLocation: sourceLocation)
    #expect(written == checked, sourceLocation: sourceLocation)
  }
}
