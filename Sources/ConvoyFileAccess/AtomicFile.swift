import Foundation

/// Replaces a file so that a reader, or a machine that loses power, finds the old contents or the
/// new ones and nothing between.
///
/// Writes a temporary file beside the target, waits until it is on the storage device, renames
/// it over the target and waits for the directory.
///
/// Permissions of a file that is replaced are kept; a symbolic link stays and the file it leads
/// to is replaced. Whatever fails, the temporary file is removed; only a process killed in
/// between leaves one, hidden and ending in `.partial`.
package struct AtomicFile: ~Copyable {
  private let target: WriteTarget
  private let file: TemporaryFile
  /// Small pieces, which go to the system together.
  private var pending: [UInt8] = []

  private static let largestPending = 1 << 16

  /// Begins new contents. Unless they are committed, the old ones stay.
  package init(replacing path: String) throws(FileError) {
    let target = try WriteTarget(path)
    let file = try TemporaryFile(for: target)
    self.target = target
    self.file = file
  }

  /// Adds bytes to the end of the new contents.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard pending.count + bytes.count > Self.largestPending else {
      unsafe pending.append(contentsOf: bytes)
      return
    }
    try flush()
    try unsafe file.write(bytes)
  }

  private mutating func flush() throws(FileError) {
    let bytes = pending
    pending.removeAll(keepingCapacity: true)
    try unsafe bytes.span.bytes.withUnsafeBytes { bytes throws(FileError) in
      try unsafe file.write(bytes)
    }
  }

  /// Puts the new contents in the place of the old ones.
  ///
  /// An error in the very last step, which waits for the directory, means that the new contents are
  /// in place and may not outlast a loss of power.
  package consuming func commit() throws(FileError) {
    try flush()
    try file.finish()
    try file.replaceTarget()
    try target.synchronizeDirectory()
  }

  /// Replaces a file by contents that are in memory.
  package static func write(_ data: Data, to path: String) throws(FileError) {
    var file = try AtomicFile(replacing: path)
    try unsafe data.bytes.withUnsafeBytes { bytes throws(FileError) in try unsafe file.append(bytes)
    }
    try file.commit()
  }

  /// Throws what `init` would throw now, so that hours of work do not end at an unwritable path.
  ///
  /// It creates a temporary file and removes it, because permissions alone do not tell of
  /// read-only file systems and used-up quotas.
  package static func checkWritable(_ path: String) throws(FileError) {
    _ = try TemporaryFile(for: WriteTarget(path))
  }
}
