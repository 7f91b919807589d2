/// Rows of floats side by side in two maps whose rows lie at different distances, because one of the
/// maps is stored with its padding.
package struct RowGeometry: Sendable, Equatable {
  package var rows: Int
  /// Floats in a row; a multiple of 8.
  package var count: Int
  /// From a row to the next: of values, or of what is copied.
  package var step: Int
  /// The same in the other map: of gradients, or of the copy.
  package var otherStep: Int

  package init(rows: Int, count: Int, step: Int, otherStep: Int) {
    self.rows = rows
    self.count = count
    self.step = step
    self.otherStep = otherStep
  }
}
