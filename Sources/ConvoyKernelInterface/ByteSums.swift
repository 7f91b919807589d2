/// Exact sums over bytes, from which mean and deviation follow.
package struct ByteSums: Sendable, Equatable {
  package var sum: UInt64
  package var squares: UInt64

  package init(sum: UInt64, squares: UInt64) {
    self.sum = sum
    self.squares = squares
  }
}
