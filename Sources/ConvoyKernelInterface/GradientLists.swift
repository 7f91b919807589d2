/// The output gradients of a convolution that are not zero, listed by filter, in floats.
///
/// After max pooling at most one gradient in a window is not zero, and after a ReLU fewer. A filter's
/// list is a pair (count, unused) and then `count` pairs (place, gradient); counts and places are
/// integers, kept as bit patterns of floats. A place is where the output's taps begin in the input.
package struct GradientLists {
  package let pointer: MutableFloatPointer
  /// Gradients that a list has room for, one more than there can be: the one past the last is
  /// written before it is known to be zero.
  package let capacity: Int

  package init(pointer: MutableFloatPointer, capacity: Int) {
    self.pointer = pointer
    self.capacity = capacity
  }

  /// Floats of all lists.
  package static func count(filters: Int, capacity: Int) -> Int { filters * (2 + 2 * capacity) }

  /// The list of a filter.
  package func list(_ filter: Int) -> MutableFloatPointer {
    pointer + filter &* (2 &+ 2 &* capacity)
  }
}
