import ConvoyFigures

extension ConvolutionsResult {
  /// - Parameter step: seconds of all kernels of the step.
  func add(to table: inout TextTable, network: String, step: Double) {
    var layer: Int?
    for (index, row) in rows.enumerated() {
      table.add([
        index == 0 ? network : "", row.layer == layer ? "" : "\(row.layer)",
        row.layer == layer ? "" : row.shape, row.pass.rawValue,
        Text.number(1e6 * row.seconds), Text.percent(row.seconds / step),
        row.rate.map { Text.number(1e-9 * $0) } ?? "", row.shareOfPeak.map(Text.percent) ?? "",
        row.savesArithmetic ? "*" : "", row.kernels.joined(separator: ", "),
      ])
      layer = row.layer
    }
  }

  static let columns: [TextTable.Column] = [
    .left("network"), .left("layer"), .left("convolution"), .left("pass"), .right("µs a step"),
    .right("of the step"), .right("GFLOP/s"), .right("of peak"), .left(""), .left("kernels"),
  ]
}
