/// The layout of a weight matrix, in floats.
///
/// Columns are outputs (filters or units), divided into panels of 16; the last panel of a group may
/// have only 8. A panel stores its rows one after another, each with its 16 (or 8) columns side by
/// side: the order in which a kernel reads them.
///
/// Rows of a convolution are (kernel row, kernel column, input channel of the group); rows of a dense
/// layer are its inputs.
package struct PanelLayout: Sendable, Equatable {
  package let rows: Int
  package let columns: Int
  /// The columns of a group, a multiple of 8. Its panels hold no others.
  package let groupColumns: Int

  package static let panelWidth = 16
  /// Channels and units are padded to a multiple of this; the padding stays zero.
  package static let columnMultiple = 8

  package init(rows: Int, columns: Int, groups: Int = 1) {
    precondition(
      columns % (groups * Self.columnMultiple) == 0, "columns of a group come in multiples of 8")
    self.rows = rows
    self.columns = columns
    groupColumns = columns / groups
  }

  package static func padded(_ columns: Int) -> Int {
    (columns + columnMultiple - 1) / columnMultiple * columnMultiple
  }

  package var count: Int { rows * columns }
  package var groups: Int { columns / max(1, groupColumns) }
  package var panels: Int { groups * panelsAGroup }
  package var panelsAGroup: Int { (groupColumns + Self.panelWidth - 1) / Self.panelWidth }

  package func width(ofPanel panel: Int) -> Int {
    min(Self.panelWidth, groupColumns - panel % panelsAGroup * Self.panelWidth)
  }

  /// The columns of some panels.
  package func columns(ofPanels panels: Range<Int>) -> Range<Int> {
    let (first, last) = (panels.lowerBound, panels.upperBound - 1)
    return firstColumn(ofPanel: first)..<firstColumn(ofPanel: last) + width(ofPanel: last)
  }

  package func firstColumn(ofPanel panel: Int) -> Int {
    panel / panelsAGroup * groupColumns + panel % panelsAGroup * Self.panelWidth
  }

  package func panel(ofColumn column: Int) -> Int {
    column / groupColumns * panelsAGroup + column % groupColumns / Self.panelWidth
  }

  package func offset(ofPanel panel: Int) -> Int { firstColumn(ofPanel: panel) * rows }

  package func offset(row: Int, column: Int) -> Int {
    let panel = panel(ofColumn: column)
    return offset(ofPanel: panel) + row * width(ofPanel: panel)
      + column - firstColumn(ofPanel: panel)
  }

  /// Calls a body with the panels of each group among some panels.
  package func forEachGroup(
    of panels: Range<Int>, _ body: (_ group: Int, _ panels: Range<Int>) -> Void
  ) {
    var first = panels.lowerBound
    while first < panels.upperBound {
      let group = first / panelsAGroup
      let end = min(panels.upperBound, (group + 1) * panelsAGroup)
      body(group, first..<end)
      first = end
    }
  }
}

/// The layout of convolution weights with each filter contiguous: filter, kernel row, then kernel
/// column and input channel, padded with zeros to whole vectors.
package struct FilterMajorLayout: Sendable, Equatable {
  package let filters: Int
  package let kernelRows: Int
  /// Kernel columns × input channels.
  package let rowRun: Int

  package init(filters: Int, kernelRows: Int, rowRun: Int) {
    self.filters = filters
    self.kernelRows = kernelRows
    self.rowRun = rowRun
  }

  package var rowStep: Int { (rowRun + 7) / 8 * 8 }
  package var filterStep: Int { kernelRows * rowStep }
  package var count: Int { filters * filterStep }
}
