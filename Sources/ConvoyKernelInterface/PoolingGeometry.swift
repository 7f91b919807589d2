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

/// The output gradients of a convolution that are not zero, listed by filter, in floats.
///
/// After max pooling at most one gradient in a window is not zero, and after a ReLU fewer. A filter's
/// list is a pair (count, unused) and then `count` pairs (place, gradient); counts and places are
/// integers, kept as bit patterns of floats. A place is where the output's taps begin in the input.
@unsafe package struct GradientLists {
  package let pointer: MutableFloatPointer
  /// Gradients that a list has room for, one more than there can be: the one past the last is
  /// written before it is known to be zero.
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
