/// How the rate of training a workload grows with threads.
struct ScalingResult: Encodable, Sendable {
  let workload: Workload
  /// In ascending order of threads.
  let rows: [Row]

  struct Row: Encodable, Sendable {
    let threads: Int
    /// Whether there are more threads than cores.
    let isCrowded: Bool
    /// Samples per second.
    let rate: Spread
    /// The rate divided by that of the row with the fewest threads, round by round.
    let speedUp: Spread
    /// Speed-up divided by the increase in threads.
    let efficiency: Double
    /// The parts of a step, in seconds summed over all threads.
    let split: StepSplit
  }

  /// - Parameter measured: by threads, ascending.
  init(
    _ workload: Workload, cores: Int,
    measured: [(threads: Int, rate: Spread, split: StepSplit)]
  ) {
    self.workload = workload
    rows = measured.map { row in
      let speedUp = row.rate / measured[0].rate
      return Row(
        threads: row.threads, isCrowded: row.threads > cores, rate: row.rate, speedUp: speedUp,
        efficiency: speedUp.median * Double(measured[0].threads) / Double(row.threads),
        split: row.split)
    }
  }

  /// The lowest rate with more threads than cores, as a share of the rate with the most threads
  /// that have a core each; nil without such rows.
  var worstCrowding: (threads: Int, share: Double)? {
    guard let full = rows.last(where: { !$0.isCrowded }) else { return nil }
    return rows.filter(\.isCrowded)
      .map { (threads: $0.threads, share: ($0.rate / full.rate).median) }
      .min { $0.share < $1.share }
  }
}
