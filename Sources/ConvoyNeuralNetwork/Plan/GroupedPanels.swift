import ConvoyKernelInterface

/// The weights of a layer's groups, one group's panels after another's. Panels and columns are counted
/// through all groups.
package struct GroupedPanels: Sendable, Equatable {
  /// Of one layout.
  package let layout: PanelLayout
  package let groups: Int

  package init(_ layout: PanelLayout, groups: Int = 1) {
    self.layout = layout
    self.groups = groups
  }

  package var rows: Int { layout.rows }
  package var columns: Int { groups * layout.columns }
  package var count: Int { groups * layout.count }
  package var panels: Int { groups * layout.panels }

  package func width(ofPanel panel: Int) -> Int { layout.width(ofPanel: panel % layout.panels) }

  package func offset(ofPanel panel: Int) -> Int {
    let (group, local) = panel.quotientAndRemainder(dividingBy: layout.panels)
    return group * layout.count + layout.offset(ofPanel: local)
  }

  package func firstColumn(ofPanel panel: Int) -> Int {
    let (group, local) = panel.quotientAndRemainder(dividingBy: layout.panels)
    return group * layout.columns + local * PanelLayout.panelWidth
  }

  package func columns(ofPanels panels: Range<Int>) -> Range<Int> {
    let (first, last) = (panels.lowerBound, panels.upperBound - 1)
    return firstColumn(ofPanel: first)..<firstColumn(ofPanel: last) + width(ofPanel: last)
  }

  package func panel(ofColumn column: Int) -> Int {
    let (group, local) = column.quotientAndRemainder(dividingBy: layout.columns)
    return group * layout.panels + local / PanelLayout.panelWidth
  }

  package func offset(row: Int, column: Int) -> Int {
    let (group, local) = column.quotientAndRemainder(dividingBy: layout.columns)
    return group * layout.count + layout.offset(row: row, column: local)
  }

  /// Calls a body with each group that some panels are of, and those of its panels.
  func forEachGroup(
    of panels: Range<Int>, _ body: (_ group: Int, _ panels: Range<Int>) -> Void
  ) {
    var first = panels.lowerBound
    while first < panels.upperBound {
      let group = first / layout.panels
      let end = min(panels.upperBound, (group + 1) * layout.panels)
      body(group, first..<end)
      first = end
    }
  }
}
