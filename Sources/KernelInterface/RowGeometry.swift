/// Rows of floats side by side in two maps whose rows lie at different distances, because one of the
/// maps is stored with its padding.
package struct RowGeometry: Sendable, Equatable {
  package var rows: Int
  /// Floats in a row; a multiple of 8.
  package var count: Int
  /// From a row of values to the next.
  package var valueStep: Int
  /// From a row of gradients to the next.
  package var gradientStep: Int

  package init(rows: Int, count: Int, valueStep: Int, gradientStep: Int) {
    self.rows = rows
    self.count = count
    self.valueStep = valueStep
    self.gradientStep = gradientStep
  }
}
