import ConvoyFileAccess

/// The files that a run writes, locked against other runs while it lasts.
package final class RunFiles {
  /// The checkpoint file; nil for none.
  package let checkpoint: String?
  package private(set) var output: String?
  package private(set) var log: String?
  /// The log file, if it already exists.
  package private(set) var presentLog: GrowingFile?
  private let lock: FileLock?
  private var outputLock: FileLock?

  /// Locks the checkpoint file, which may then be read.
  ///
  /// - Throws: `FileError` if another run is writing it.
  package init(checkpoint: String?) throws(FileError) {
    self.checkpoint = checkpoint
    lock = if let checkpoint { try FileLock(of: checkpoint) } else { nil }
  }

  /// Checks that all files can be written, so that a run does not fail after hours of work.
  ///
  /// - Throws: `FileError`, also if another run is writing one of them.
  package func open(output: String?, log: String?) throws(FileError) {
    if let log { presentLog = try GrowingFile.ifPresent(log) }
    if let output {
      try AtomicFile.checkWritable(output)
      // At the end, the model would take the place of another run's checkpoint or log.
      outputLock = try FileLock(of: output)
    }
    if let checkpoint { try AtomicFile.checkWritable(checkpoint) }
    (self.output, self.log) = (output, log)
  }
}
