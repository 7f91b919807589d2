import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyFileAccess

@Suite struct TemporaryFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func standsBesideItsTargetUntilItReplacesIt() throws {
    let file = try TemporaryFile(for: WriteTarget(directory.path(of: "model")))
    try Data("new".utf8).withUnsafeBytes { try file.write($0) }
    let names = try directory.names
    #expect(names.count == 1)
    #expect(names.allSatisfy { $0.hasPrefix(".") && $0.hasSuffix(".partial") })
    try file.replaceTarget()
    #expect(try directory.names == ["model"])
  }

  @Test func isRemovedWhenItNeverReplacesItsTarget() throws {
    do {
      let file = try TemporaryFile(for: WriteTarget(directory.path(of: "model")))
      try Data("new".utf8).withUnsafeBytes { try file.write($0) }
    }
    #expect(try directory.names == [])
  }

  @Test func isRemovedWhenReplacingFails() throws {
    let path = directory.path(of: "model")
    let file = try TemporaryFile(for: WriteTarget(path))
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    do {
      try file.replaceTarget()
      Issue.record("A directory was replaced by a file.")
    } catch {
      #expect(error == FileError(path: path, operation: .replace, code: EISDIR))
    }
    #expect(try directory.names == ["model"])
  }
}
