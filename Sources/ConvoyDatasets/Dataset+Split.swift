extension Dataset {
  /// The two parts of a data set.
  package enum Split: String, Sendable, CaseIterable {
    /// What a network learns from.
    case training
    /// What it is judged on.
    case test
  }
}
