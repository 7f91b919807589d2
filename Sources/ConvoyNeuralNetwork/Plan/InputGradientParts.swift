import ConvoyKernelInterface

/// The input gradient of a convolution as stride-1 convolutions of its output gradient with the filters
/// rotated by 180°: a part for each pair of row and column residues of the stride.
struct InputGradientParts<Geometry: Sendable>: Sendable {
  struct Part: Sendable {
    let geometry: Geometry
    /// Of its rotated filters, in the derived weights.
    let weightsPlace: Int
    /// Offset of the first tap in the map of output gradients.
    let sourcePlace: Int
    /// Offset of the first element in the map of input gradients.
    let targetPlace: Int
    fileprivate let rowTaps: Int
    fileprivate let columnTaps: Int
  }

  private let window: Window
  /// By first tap of the rows' residue × column residues + first tap of the columns'.
  private let byResidue: [Part?]

  /// - Parameters:
  ///   - output: the map of output gradients, with its border.
  ///   - gradients: the map of input gradients to be filled.
  ///   - place: gives a part's geometry, and takes a place for its filters.
  init(
    _ window: Window, input: FeatureShape, output: FeatureMap, gradients: FeatureMap,
    place: (_ row: Window.Axis.Residue, _ column: Window.Axis.Residue) -> (Geometry, Int)
  ) {
    self.window = window
    let (rows, columns) = (window.rows, window.columns)
    var parts = [Part?](repeating: nil, count: rows.residueCount * columns.residueCount)
    for row in rows.residues(size: input.height) {
      for column in columns.residues(size: input.width) {
        let (geometry, weightsPlace) = place(row, column)
        parts[row.firstTap * columns.residueCount + column.firstTap] = Part(
          geometry: geometry, weightsPlace: weightsPlace,
          sourcePlace: output.start + row.firstOutput * output.rowStep
            + column.firstOutput * output.channels,
          targetPlace: gradients.start + row.firstInput * gradients.rowStep
            + column.firstInput * gradients.channels,
          rowTaps: row.taps, columnTaps: column.taps)
      }
    }
    byResidue = parts
  }

  /// Calls `body` with each part, in the order of their filters.
  @inline(__always)
  func forEachPart(_ body: (Part) -> Void) {
    for case let part? in byResidue { body(part) }
  }

  /// The first part. With stride 1 it is the only one.
  var first: Part? { byResidue.lazy.compactMap(\.self).first }

  /// The part that has a tap of the kernel, and the tap's number there; nil if it meets no input.
  func part(ofTap row: Int, _ column: Int) -> (part: Part, tap: Int)? {
    let (rows, columns) = (window.rows, window.columns)
    let residue = row % rows.tapStep * columns.residueCount + column % columns.tapStep
    return byResidue[residue].map { part in
      let tap =
        (part.rowTaps - 1 - row / rows.tapStep) * part.columnTaps
        + part.columnTaps - 1 - column / columns.tapStep
      return (part, tap)
    }
  }
}
