/// A line of JSON that a contestant's process answers with.
enum ContestantAnswer {
  /// To the job: it is ready, or why it is not.
  struct Readiness: Codable, Sendable {
    var version: String?
    /// What is not installed.
    var missing: String?
    var error: String?
  }

  /// To a number of steps.
  struct Round: Codable, Sendable {
    var seconds: Double?
    var samples: Int?
    /// The loss of the last step; nil for a forward measurement.
    var loss: Double?
    /// Bytes.
    var peakMemory: Int?
    var error: String?
  }
}
