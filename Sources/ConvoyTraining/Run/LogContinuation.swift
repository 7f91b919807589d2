import ConvoyCompression
import ConvoyFileAccess

/// How a resumed run continues its log.
struct LogContinuation {
  /// The part of the file to keep; empty for a new log.
  var kept = LoggedPart()
  /// Whether the checkpoint refers to a different file, or to log lines that no longer exist.
  var isElsewhere = false
  /// Whether the lines that the checkpoint records are gone from its own log file.
  var isLost = false

  /// - Throws: `RunLogError` if the log file has contents that the run did not write.
  init(of files: RunFiles, after state: Checkpoint.State?) throws(RunLogError) {
    guard let path = files.log, let state else { return }
    let part = state.log ?? LoggedPart()
    let isOwn = state.settings.log.map { CanonicalPath($0) == CanonicalPath(path) } ?? false
    if files.presentLog?.hasContents ?? false {
      guard part.length > 0 || isOwn && RunLog.begins(path) else { throw .foreign(path: path) }
      kept = part
    } else {
      // A run that could write nothing has all its lines.
      if part.length == 0 { kept = part }
      // Data written to a pipe or a device cannot be found again.
      isLost = isOwn && part.length > 0 && files.presentLog?.isRegular ?? true
    }
    isElsewhere = isLost || !isOwn
  }
}

/// The beginning of a log, as recorded in a checkpoint. A resumed run must find it unchanged.
package struct LoggedPart: Sendable, Equatable, Codable {
  /// In bytes.
  package var length: Int
  /// The CRC-32 of these bytes, as `Checksum` writes it.
  package var checksum: String
  /// The time that the run took so far.
  package var seconds: Double
  /// Lines that could not be written, to be added when the run is resumed.
  package var pending: String

  /// An empty one by default.
  package init(
    length: Int = 0, checksum: String = Checksum().text, seconds: Double = 0, pending: String = ""
  ) {
    self.length = length
    self.checksum = checksum
    self.seconds = seconds
    self.pending = pending
  }

  /// Whether the fields are valid: a length, a time and eight hexadecimal digits.
  var isValid: Bool {
    let digits = checksum.utf8
    return length >= 0 && seconds >= 0 && seconds.isFinite && digits.count == 8
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
