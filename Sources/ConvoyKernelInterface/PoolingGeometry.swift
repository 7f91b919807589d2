/// The memory layout of a pooling; all steps in floats. Windows may overlap, and rows or columns
/// that no window reaches are ignored.
package struct PoolingGeometry: Sendable, Equatable {
  package var kernelRows: Int
  package var kernelColumns: Int
  package var rowStride: Int
  package var columnStride: Int
  package var outputRows: Int
  package var outputColumns: Int
  /// A multiple of 8; also the step from a column to the next, in input and output.
  package var channels: Int
  package var inputRowStep: Int
  package var outputRowStep: Int
  /// The stored position of a winner is its row in the window times `winnerRowStep` plus its column
  /// times `winnerColumnStep`.
  package var winnerRowStep: Int
  package var winnerColumnStep = 1

  package init(
    kernelRows: Int, kernelColumns: Int, rowStride: Int, columnStride: Int, outputRows: Int,
    outputColumns: Int, channels: Int, inputRowStep: Int, outputRowStep: Int
  ) {
    self.kernelRows = kernelRows
    self.kernelColumns = kernelColumns
    self.rowStride = rowStride
    self.columnStride = columnStride
    self.outputRows = outputRows
    self.outputColumns = outputColumns
    self.channels = channels
    self.inputRowStep = inputRowStep
    self.outputRowStep = outputRowStep
    winnerRowStep = kernelColumns
  }

  /// Whether an input can belong to more than one window.
  package var overlaps: Bool {
    (outputRows > 1 && rowStride < kernelRows)
      || (outputColumns > 1 && columnStride < kernelColumns)
  }
  package var outputCount: Int { outputRows * outputColumns * channels }
}

/// The nonzero output gradients of a convolution, listed by filter, in floats.
///
/// After max pooling, at most one gradient per window is nonzero, and fewer after a ReLU. A
/// filter's list is a pair (count, unused) followed by `count` pairs (place, gradient). Counts and
/// places are integers, stored as bit patterns of floats. A place is the input offset of the
/// output's first tap.
@unsafe package struct GradientLists {
  package let pointer: MutableFloatPointer
  /// Gradients per list, one more than can be nonzero, because the entry past the last is written
  /// before it is known to be zero.
  package let capacity: Int

  package init(pointer: MutableFloatPointer, capacity: Int) {
    unsafe self.pointer = unsafe pointer
    unsafe self.capacity = capacity
  }

  /// Floats of all lists.
  package static func count(filters: Int, capacity: Int) -> Int { filters * (2 + 2 * capacity) }

  /// The list of a filter.
  package func list(_ filter: Int) -> MutableFloatPointer {
    unsafe pointer + filter &* (2 &+ 2 &* capacity)
  }
}
