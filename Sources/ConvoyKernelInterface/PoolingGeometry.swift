/// How a pooling walks through memory; all steps in floats. Windows may overlap, and rows or columns
/// that no window reaches are left out.
package struct PoolingGeometry: Sendable, Equatable {
  package var kernelSize: Int
  package var stride: Int
  package var outputRows: Int
  package var outputColumns: Int
  /// A multiple of 8; also the step from a column to the next, in input and output.
  package var channels: Int
  package var inputRowStep: Int
  package var outputRowStep: Int
  /// What a step from row to row, and from column to column, inside a window adds to the place that is
  /// kept of a winner.
  package var winnerRowStep: Int
  package var winnerColumnStep = 1

  package init(
    kernelSize: Int, stride: Int, outputRows: Int, outputColumns: Int, channels: Int,
    inputRowStep: Int, outputRowStep: Int
  ) {
    self.kernelSize = kernelSize
    self.stride = stride
    self.outputRows = outputRows
    self.outputColumns = outputColumns
    self.channels = channels
    self.inputRowStep = inputRowStep
    self.outputRowStep = outputRowStep
    winnerRowStep = kernelSize
  }

  /// Whether an input can belong to more than one window.
  package var overlaps: Bool { stride < kernelSize }
  package var outputCount: Int { outputRows * outputColumns * channels }
}
