/// What `peers` found for one workload.
struct PeersResult: Encodable {
  let workload: Workload
  let threads: Int
  /// Convoy first.
  let contestants: [Row]
  /// The fastest variant of each peer.
  let best: [Best]

  struct Row: Encodable {
    let name: String
    let variant: String
    let version: String?
    /// Samples per second.
    let rate: Spread?
    /// Convoy's rate divided by this one, round by round.
    let convoyFaster: Spread?
    let loss: Double?
    /// Why it was not measured.
    let problem: String?
  }

  struct Best: Encodable {
    let name: String
    let variant: String
    let rate: Double
    let convoyFaster: Spread
  }

  init(_ workload: Workload, threads: Int, _ rows: [Row]) {
    self.workload = workload
    self.threads = threads
    contestants = rows
    var best: [Best] = []
    for row in rows.dropFirst() {
      guard let rate = row.rate?.median, let faster = row.convoyFaster else { continue }
      let candidate = Best(
        name: row.name, variant: row.variant, rate: rate, convoyFaster: faster)
      if let place = best.firstIndex(where: { $0.name == row.name }) {
        if rate > best[place].rate { best[place] = candidate }
      } else {
        best.append(candidate)
      }
    }
    self.best = best
  }
}
