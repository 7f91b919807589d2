import ConvoyFigures

extension ScalingResult {
  /// With more threads than cores, the least acceptable rate as a share of the rate with a thread
  /// per core.
  static let crowdingLimit = 0.95

  static func table(_ results: [ScalingResult]) -> String {
    var table = TextTable(columns: [
      .left("network"), .right("batch"), .right("threads"), .left(""), .right("samples/s"),
      .right("spread"), .right("speed-up"), .right("spread"), .right("efficiency"),
      .right("step"), .right("computing"), .right("reducing"), .right("waiting"),
    ])
    for result in results {
      for (index, row) in result.rows.enumerated() {
        let total = row.split.total
        table.add([
          index == 0 ? result.workload.name : "", index == 0 ? "\(result.workload.batch)" : "",
          "\(row.threads)", row.isCrowded ? "+" : "", Text.number(row.rate.median),
          Text.range(row.rate), Text.number(row.speedUp.median), Text.range(row.speedUp),
          Text.percent(row.efficiency),
          Text.number(1e3 * Double(result.workload.batch) / row.rate.median) + " ms",
          Text.percent(row.split.computing / total), Text.percent(row.split.reducing / total),
          Text.percent(row.split.waiting / total),
        ])
      }
    }
    return table.text
  }

  static func notes(_ results: [ScalingResult], cores: Int) -> String {
    var notes = ""
    if results.contains(where: { $0.rows.contains(where: \.isCrowded) }) {
      notes += "+ more threads than the \(cores) cores this process may use.\n"
    }
    for result in results {
      guard let worst = result.worstCrowding else { continue }
      notes +=
        "\(result.workload.name) \(result.workload.batch): more threads than cores, at worst "
        + "\(worst.threads), run at \(Text.percent(worst.share)) of full cores' rate ("
        + (worst.share >= crowdingLimit ? "within" : "beyond") + " the 5% they may cost).\n"
    }
    return notes
  }
}
