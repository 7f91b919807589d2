/// The parts of a step, in seconds summed over all threads of a team.
struct StepSplit: Codable, Sendable {
  /// Samples forward and backward.
  let computing: Double
  /// Gradients of the groups summed, and parameters updated.
  let reducing: Double
  /// The rest: waiting for other threads or for a core.
  let waiting: Double

  var total: Double { computing + reducing + waiting }

  /// The median of each part.
  init(_ splits: [StepSplit]) {
    self.init(
      computing: Spread(splits.map(\.computing)).median,
      reducing: Spread(splits.map(\.reducing)).median,
      waiting: Spread(splits.map(\.waiting)).median)
  }

  init(computing: Double, reducing: Double, waiting: Double) {
    self.computing = computing
    self.reducing = reducing
    self.waiting = waiting
  }
}
