/// A rule that updates a matrix as a whole, and any other parameters block by block.
protocol MatrixOptimizer: Optimizer {
  /// - Parameter matrix: all of its parameters, row after row.
  func update(_ matrix: borrowing UpdateBlock, shape: MatrixShape, threads: Int)
}
