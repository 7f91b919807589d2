import ConvoyCommands
import TestSupport

/// How fast the kernels of a network's step are.
struct KernelsResult: Encodable {
  let workload: Workload
  let rows: [Row]

  struct Row: Encodable {
    let kernel: String
    let shape: String
    /// In a step.
    let calls: Int
    /// A call, in seconds.
    let seconds: Spread
    /// Floating-point operations per second; of the plain sum where arithmetic is saved.
    let rate: Double?
    /// Of the peak measured beside it, round by round.
    let shareOfPeak: Double?
    let savesArithmetic: Bool
    /// The worst error, as a share of what the kernel's roundings allow.
    let worstError: Double
  }

  static func table(_ results: [KernelsResult]) -> String {
    var table = TextTable(columns: [
      .left("network"), .left("kernel"), .left("shape"), .right("calls"), .right("µs a call"),
      .right("spread"), .right("of the step"), .right("GFLOP/s"), .right("of peak"), .left(""),
    ])
    for result in results {
      let total = result.rows.reduce(0) { $0 + Double($1.calls) * $1.seconds.median }
      for (index, row) in result.rows.enumerated() {
        let micro = Spread(row.seconds.values.map { 1e6 * $0 })
        table.add([
          index == 0 ? result.workload.name : "", row.kernel, row.shape, "\(row.calls)",
          Text.number(micro.median), Text.range(micro),
          Text.percent(Double(row.calls) * row.seconds.median / total),
          row.rate.map { Text.number(1e-9 * $0) } ?? "",
          row.shareOfPeak.map(Text.percent) ?? "", row.savesArithmetic ? "*" : "",
        ])
      }
    }
    let saves = results.contains { $0.rows.contains(where: \.savesArithmetic) }
    return table.text
      + (saves ? "* with less arithmetic than the plain sum, whose operations are counted.\n" : "")
  }
}
