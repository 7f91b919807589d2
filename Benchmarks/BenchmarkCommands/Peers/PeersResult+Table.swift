import ConvoyFigures

extension PeersResult {
  static func table(_ results: [PeersResult]) -> String {
    var table = TextTable(columns: [
      .left("network"), .right("batch"), .left("contestant"), .right("samples/s"),
      .right("spread"), .left(""), .right("Convoy faster by"), .right("spread"),
    ])
    for result in results {
      let workload = result.workload
      for (index, row) in result.contestants.enumerated() {
        table.add(
          [index == 0 ? workload.name : "", index == 0 ? "\(workload.batch)" : ""]
            + result.cells(row))
      }
    }
    return table.text
  }

  private func cells(_ row: Row) -> [String] {
    let name = "\(row.name) \(row.variant)"
    guard let rate = row.rate else { return [name, "–", "", row.problem ?? "", "", ""] }
    let isBest = best.contains { $0.name == row.name && $0.variant == row.variant }
    let faster = row.convoyFaster
    return [
      name, Text.number(rate.median), Text.range(rate), isBest ? "*" : "",
      faster.map { Text.number($0.median) } ?? "", faster.map { Text.range($0) } ?? "",
    ]
  }

  /// Explains the marks of the table, and lists the measured versions.
  static func notes(_ results: [PeersResult]) -> String {
    var versions: [String] = []
    for case let version? in results.flatMap(\.contestants).map(\.version)
    where !versions.contains(version) {
      versions.append(version)
    }
    guard !versions.isEmpty else { return "" }
    return "* the peer's fastest way, which counts. Measured: "
      + versions.joined(separator: ", ") + ".\n"
  }
}
