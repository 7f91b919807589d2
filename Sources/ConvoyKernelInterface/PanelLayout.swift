/// The layout of a weight matrix, in floats.
///
/// Columns are outputs (filters or units), divided into panels of 16; the last panel may have only
/// 8. A panel stores its rows one after another, each with its 16 (or 8) columns side by side: the
/// order in which a kernel reads them.
///
/// Rows of a convolution are (kernel row, kernel column, input channel); rows of a dense layer are
/// its inputs.
package struct PanelLayout: Sendable, Equatable {
  package let rows: Int
  /// A multiple of 8.
  package let columns: Int
  /// Stored, because kernels ask for it in loops.
  package let panels: Int

  package static let panelWidth = 16
  /// Channels and units are padded to a multiple of this; the padding stays zero.
  package static let columnMultiple = 8

  package init(rows: Int, columns: Int) {
    precondition(columns % Self.columnMultiple == 0, "columns come in multiples of 8")
    self.rows = rows
    self.columns = columns
    panels = (columns + Self.panelWidth - 1) / Self.panelWidth
  }

  package static func padded(_ columns: Int) -> Int {
    (columns + columnMultiple - 1) / columnMultiple * columnMultiple
  }

  package var count: Int { rows * columns }

  package func width(ofPanel panel: Int) -> Int {
    min(Self.panelWidth, columns - panel * Self.panelWidth)
  }

  package func offset(ofPanel panel: Int) -> Int { panel * Self.panelWidth * rows }

  package func offset(row: Int, column: Int) -> Int {
    let panel = column / Self.panelWidth
    return offset(ofPanel: panel) + row * width(ofPanel: panel) + column % Self.panelWidth
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
