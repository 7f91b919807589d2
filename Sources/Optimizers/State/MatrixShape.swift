/// The shape of a matrix of parameters, stored row after row. A row is an output: a unit or a filter.
public struct MatrixShape: Sendable, Equatable, Codable {
  /// Outputs.
  public let rows: Int
  /// Inputs of each.
  public let columns: Int

  /// A shape of outputs × inputs.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  package var count: Int { rows * columns }

  /// - Throws: `HyperparameterError` if the shape is not that of a matrix of `count` parameters.
  func check(count: Int) throws(HyperparameterError) {
    try HyperparameterBounds.checkCount("rows", rows)
    try HyperparameterBounds.checkCount("columns", columns)
    let (product, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard !overflow, product == count else {
      throw HyperparameterError(
        name: "shape", expected: "rows times columns of \(count) parameters",
        found: "\(rows) by \(columns)")
    }
  }
}
