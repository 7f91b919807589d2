import ConvoyFigures

/// How fast the kernels of a network's step are.
struct KernelsResult: Encodable {
  let workload: Workload
  let rows: [Row]
  let convolutions: ConvolutionsResult

  struct Row: Encodable {
    let kernel: String
    let shape: String
    /// In a step.
    let calls: Int
    /// A call, in seconds.
    let seconds: Spread
    /// Floating-point operations made per second.
    let rate: Double?
    /// Of the peak measured beside it, round by round.
    let shareOfPeak: Double?
    /// Of the windows whose gradients are in lists, how many were not zero, as far as there are lists;
    /// the kernel is timed with as many.
    let listedShare: Double?
    /// The worst error, as a share of what the kernel's roundings allow.
    let worstError: Double
  }

  static func table(_ results: [KernelsResult]) -> String {
    var table = TextTable(columns: [
      .left("network"), .left("kernel"), .left("shape"), .right("calls"), .right("µs a call"),
      .right("spread"), .right("of the step"), .right("GFLOP/s"), .right("of peak"),
      .right("listed"),
    ])
    for result in results {
      for (index, row) in result.rows.enumerated() {
        let micro = Spread(row.seconds.values.map { 1e6 * $0 })
        table.add([
          index == 0 ? result.workload.name : "", row.kernel, row.shape, "\(row.calls)",
          Text.number(micro.median), Text.range(micro),
          Text.percent(Double(row.calls) * row.seconds.median / result.step),
          row.rate.map { Text.number(1e-9 * $0) } ?? "",
          row.shareOfPeak.map(Text.percent) ?? "", row.listedShare.map(Text.percent) ?? "",
        ])
      }
    }
    var convolutions = TextTable(columns: ConvolutionsResult.columns)
    for result in results {
      result.convolutions.add(
        to: &convolutions, network: result.workload.name, step: result.step)
    }
    let saves = results.contains { $0.convolutions.rows.contains(where: \.savesArithmetic) }
    return table.text + "\n" + convolutions.text
      + (saves
        ? "* less arithmetic than the plain convolution, whose operations are counted.\n" : "")
  }

  /// Seconds of all kernels of a step.
  private var step: Double { rows.reduce(0) { $0 + Double($1.calls) * $1.seconds.median } }
}
