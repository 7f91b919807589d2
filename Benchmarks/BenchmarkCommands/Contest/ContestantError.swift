/// Why a contestant could not be measured.
enum ContestantError: Error, Equatable, CustomStringConvertible {
  case notInstalled(String)
  case notStarted(program: String, reason: String)
  /// A failure with its reason, in most cases reported by the contestant.
  case failed(String)
  case ended(status: Int32, lastWords: String)
  case silent(seconds: Int)
  case unintelligible(String)

  var description: String {
    switch self {
    case .notInstalled(let what): "not installed (\(what))"
    case .notStarted(let program, let reason): "\(program) cannot be started: \(reason)"
    case .failed(let message): "failed: \(message)"
    case .ended(let status, let lastWords):
      "ended with status \(status)" + (lastWords.isEmpty ? "" : ": \(lastWords)")
    case .silent(let seconds): "no answer in \(seconds) s"
    case .unintelligible(let line): "expected an answer in JSON, found '\(line.prefix(200))'"
    }
  }
}
