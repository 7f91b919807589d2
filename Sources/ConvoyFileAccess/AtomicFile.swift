import Foundation

/// Replaces a file atomically: a reader, or a machine that loses power, finds the old contents or
/// the new ones, and nothing in between.
///
/// Writes a temporary file beside the target, waits until it is on the storage device, renames it
/// over the target and waits for the directory.
///
/// The permissions of a replaced file are kept. If the target is a symbolic link, the link stays
/// and the file that it leads to is replaced. On any failure, the temporary file is removed; only a
/// process killed before the rename leaves one, hidden and ending in `.partial`.
package struct AtomicFile: ~Copyable {
  private let target: WriteTarget
  private let file: TemporaryFile
  /// Small pieces, buffered so that they are written together.
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

  /// Replaces the old contents with the new ones.
  ///
  /// An error in the last step, which waits for the directory, means that the new contents are in
  /// place but may not survive a loss of power.
  package consuming func commit() throws(FileError) {
    try flush()
    try file.finish()
    try file.replaceTarget()
    try target.synchronizeDirectory()
  }

  /// Replaces a file with contents that are in memory.
  package static func write(_ data: Data, to path: String) throws(FileError) {
    var file = try AtomicFile(replacing: path)
    try unsafe data.bytes.withUnsafeBytes { bytes throws(FileError) in try unsafe file.append(bytes)
    }
    try file.commit()
  }

  /// Throws what `init` would throw now, so that hours of work do not end at an unwritable path.
  ///
  /// It creates a temporary file and removes it, because permissions alone do not reveal read-only
  /// file systems and exhausted quotas.
  package static func checkWritable(_ path: String) throws(FileError) {
    _ = try TemporaryFile(for: WriteTarget(path))
  }
}
