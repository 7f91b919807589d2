import Foundation

/// Writes files so that a reader, or a machine that loses power, finds the old contents or the
/// new ones and nothing between.
package enum AtomicFile {
  /// Writes a temporary file beside the target, waits until it is on the storage device, renames
  /// it over the target and waits for the directory.
  ///
  /// Permissions of a file that is replaced are kept; a symbolic link stays and the file it leads
  /// to is replaced. Whatever fails, the temporary file is removed; only a process killed in
  /// between leaves one, hidden and ending in `.partial`. An error in the very last step, which
  /// waits for the directory, means that the new contents are in place and may not outlast a loss
  /// of power.
  package static func write(_ data: Data, to path: String) throws(FileError) {
    let target = try WriteTarget(path)
    let file = try TemporaryFile(for: target)
    try file.write(data)
    try file.replaceTarget()
    try target.synchronizeDirectory()
  }

  /// Throws what `write` would throw now, so that hours of work do not end at an unwritable path.
  ///
  /// It creates a temporary file and removes it, because permissions alone do not tell of
  /// read-only file systems and used-up quotas.
  package static func checkWritable(_ path: String) throws(FileError) {
    _ = try TemporaryFile(for: WriteTarget(path))
  }
}
