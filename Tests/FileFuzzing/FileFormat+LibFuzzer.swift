import Synchronization

extension FileFormat {
  /// One file from libFuzzer, which takes a trap for a finding.
  ///
  /// - Returns: 0, for it to keep the file where it reached something new.
  package func fuzz(_ bytes: UnsafeBufferPointer<UInt8>) -> CInt {
    do {
      _ = try Self.checks.withLock { checks in
        let check = try checks[self] ?? self.check()
        checks[self] = check
        return check
      }(reader.madeWhole(Array(bytes)))
    } catch {
      fatalError("\(self): \(error)")
    }
    return 0
  }

  /// Made once, with the directories that they need.
  private static let checks = Mutex<[FileFormat: @Sendable ([UInt8]) throws -> Bool]>([:])
}
