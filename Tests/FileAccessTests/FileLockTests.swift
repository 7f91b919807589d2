import ConvoyFileAccess
import ConvoyTestSupport
import Foundation
import Testing

@Suite struct FileLockTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path(of: "run.ckpt") }

  init() throws { directory = try TemporaryDirectory() }

  private func expectRefusal(
    of path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
      try FileLock(of: path)
    }
    #expect(
      error?.description == "\(path): cannot lock: Another run is writing this file",
      sourceLocation: sourceLocation)
  }

  @Test func isHadByOneAndLeavesNothing() throws {
    do {
      let lock = try FileLock(of: path)
      expectRefusal(of: path)
      withExtendedLifetime(lock) {}
    }
    #expect(try directory.names == [])
    _ = try FileLock(of: path)
  }

  @Test func whatAnotherRunWritesIsNotUnused() throws {
    try FileLock.checkUnused(path)
    func expectUsed() {
      let error = #expect(throws: FileError.self) { try FileLock.checkUnused(path) }
      #expect(error?.description == "\(path): cannot lock: Another run is writing this file")
    }
    do {
      let lock = try FileLock(of: path)
      expectUsed()
      withExtendedLifetime(lock) {}
    }
    let log = try GrowingFile(creating: path)
    expectUsed()
    withExtendedLifetime(log) {}
  }

  /// A link at the lock's name would lead to another file, whose permissions it must not touch.
  @Test func linksAreNoLockFiles() throws {
    let secret = directory.path(of: "secret")
    try directory.write([1], to: "secret")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
    let lock = directory.path(of: ".run.ckpt.lock")
    try FileManager.default.createSymbolicLink(atPath: lock, withDestinationPath: secret)
    #expect(throws: FileError.self) { try FileLock(of: path) }
    try FileManager.default.removeItem(atPath: lock)
    try FileManager.default.linkItem(atPath: secret, toPath: lock)
    _ = try FileLock(of: path)
    let attributes = try FileManager.default.attributesOfItem(atPath: secret)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func aDirectoryThatIsMissingIsNamed() {
    let path = directory.path(of: "missing/run.ckpt")
    let error = #expect(throws: FileError.self) { try FileLock(of: path) }
    #expect(
      error?.description
        == "\(path): cannot write: \(directory.path(of: "missing")): No such file or directory")
  }

  /// An accent that is part of a letter, and one that follows it.
  @Test func namesAreComparedByTheirBytes() throws {
    let paths = ["\u{E9}", "e\u{301}"].map { directory.path(of: "\($0)/\u{301}") }
    for name in ["\u{E9}", "e\u{301}"] { try directory.write([], to: "\(name)/file") }
    #expect(CanonicalPath(paths[0]) != CanonicalPath(paths[1]))
    #expect(CanonicalPath(paths[0]) == CanonicalPath(directory.path(of: "./\u{E9}/\u{301}")))
    let lock = try FileLock(of: paths[0])
    expectRefusal(of: paths[0])
    _ = try FileLock(of: paths[1])
    withExtendedLifetime(lock) {}
  }

  /// Another file that got the lock's name is not the lock's to remove.
  @Test func removesItsOwnFileAlone() throws {
    do {
      let lock = try FileLock(of: path)
      try AtomicFile.write(Data("model".utf8), to: directory.path(of: ".run.ckpt.lock"))
      withExtendedLifetime(lock) {}
    }
    #expect(try directory.names == [".run.ckpt.lock"])
  }

  @Test func aNameMayBeAsLongAsNamesCanBe() throws {
    let paths = ["a", "b"].map { directory.path(of: String(repeating: "n", count: 254) + $0) }
    let lock = try FileLock(of: paths[0])
    expectRefusal(of: paths[0])
    _ = try FileLock(of: paths[1])
    withExtendedLifetime(lock) {}
  }

  /// The file is replaced by a rename, again and again.
  @Test func outlastsTheFile() throws {
    let lock = try FileLock(of: path)
    for text in ["one", "two"] {
      try AtomicFile.write(Data(text.utf8), to: path)
      expectRefusal(of: path)
    }
    try directory.remove("run.ckpt")
    expectRefusal(of: path)
    withExtendedLifetime(lock) {}
  }

  @Test func isOfTheFileAndNotOfItsName() throws {
    try AtomicFile.write(Data(), to: path)
    try FileManager.default.createSymbolicLink(
      atPath: directory.path(of: "latest"), withDestinationPath: "run.ckpt")
    let lock = try FileLock(of: path)
    expectRefusal(of: directory.path(of: "latest"))
    expectRefusal(of: directory.path(of: "./run.ckpt"))
    _ = try FileLock(of: directory.path(of: "other.ckpt"))
    withExtendedLifetime(lock) {}
  }

  /// A process that is killed leaves its lock file, and no lock on it.
  @Test func whatAKilledProcessLeavesBlocksNobody() throws {
    try directory.write([], to: ".run.ckpt.lock")
    do {
      let lock = try FileLock(of: path)
      expectRefusal(of: path)
      withExtendedLifetime(lock) {}
    }
    #expect(try directory.names == [])
  }

  /// Many take turns at a file that appears and vanishes; never do two have it.
  @Test func neverDoTwoHaveIt() async throws {
    let path = path
    let counter = directory.path(of: "counter")
    try directory.write([], to: "counter")
    await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var taken = 0
          while taken < 50 {
            guard let lock = try? FileLock(of: path) else { continue }
            let text = try FileContents.read(counter, limit: 1_000)
            try AtomicFile.write(text + Data([1]), to: counter)
            taken += 1
            withExtendedLifetime(lock) {}
          }
        }
      }
    }
    #expect(try FileContents.read(counter, limit: 1_000).count == 200)
  }
}
