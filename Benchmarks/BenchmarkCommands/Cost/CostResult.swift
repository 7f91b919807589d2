import ConvoyFigures

/// What a workload costs each contestant.
struct CostResult: Encodable {
  let study: String
  let value: Int
  let workload: Workload
  /// Convoy first.
  let rows: [Row]

  struct Row: Encodable {
    let name: String
    /// Seconds per step.
    let seconds: Spread?
    /// The peak memory of its process, in bytes.
    let peakMemory: Int?
    let problem: String?
  }

  static func table(_ results: [CostResult]) -> String {
    var table = TextTable(columns: [
      .left("grows"), .right("to"), .left("contestant"), .right("ms a step"), .right("spread"),
      .right("µs a sample"), .right("peak memory"),
    ])
    for result in results {
      for (index, row) in result.rows.enumerated() {
        let place = index == 0 ? [result.study, "\(result.value)"] : ["", ""]
        guard let seconds = row.seconds, let memory = row.peakMemory else {
          table.add(place + [row.name, "–", row.problem ?? "", "", ""])
          continue
        }
        let milli = Spread(seconds.values.map { 1e3 * $0 })
        table.add(
          place + [
            row.name, Text.number(milli.median), Text.range(milli),
            Text.number(1e6 * seconds.median / Double(result.workload.batch)),
            Text.mebibytes(Double(memory)),
          ])
      }
    }
    return table.text
  }
}
