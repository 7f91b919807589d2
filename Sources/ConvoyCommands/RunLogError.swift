import Training

/// Why a file is not the log that a run goes on with.
enum RunLogError: Error, Equatable, CustomStringConvertible {
  /// Fewer bytes than the checkpoint remembers.
  case short(path: String, expected: Int, found: Int)
  /// It begins with other bytes.
  case other(path: String, expected: LoggedPart, found: String)

  var description: String {
    switch self {
    case .short(let path, let expected, let found):
      "\(path): expected the log of the run, \(expected) bytes at least, found \(found); "
        + Self.advice
    case .other(let path, let expected, let found):
      "\(path): expected the log of the run, checksum \(expected.checksum) of its first "
        + "\(expected.length) bytes, found \(found); \(Self.advice)"
    }
  }

  private static let advice = "without the file, or with --log elsewhere, a new log begins"
}
