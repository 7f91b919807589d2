import ConvoyKernelInterface

/// The weights of a layer's groups, one group's panels after another's. Panels and columns are counted
/// through all groups.
package struct GroupedPanels: Sendable, Equatable {
  /// Of one group.
  package let group: PanelLayout
  package let groups: Int

  package init(_ group: PanelLayout, groups: Int = 1) {
    self.group = group
    self.groups = groups
  }

  package var rows: Int { group.rows }
  package var columns: Int { groups * group.columns }
  package var count: Int { groups * group.count }
  package var panels: Int { groups * group.panels }

  package func width(ofPanel panel: Int) -> Int { group.width(ofPanel: panel % group.panels) }

  package func offset(ofPanel panel: Int) -> Int {
    let (place, local) = panel.quotientAndRemainder(dividingBy: group.panels)
    return place * group.count + group.offset(ofPanel: local)
  }

  package func firstColumn(ofPanel panel: Int) -> Int {
    let (place, local) = panel.quotientAndRemainder(dividingBy: group.panels)
    return place * group.columns + local * PanelLayout.panelWidth
  }

  package func columns(ofPanels panels: Range<Int>) -> Range<Int> {
    let (first, last) = (panels.lowerBound, panels.upperBound - 1)
    return firstColumn(ofPanel: first)..<firstColumn(ofPanel: last) + width(ofPanel: last)
  }

  package func panel(ofColumn column: Int) -> Int {
    let (place, local) = column.quotientAndRemainder(dividingBy: group.columns)
    return place * group.panels + local / PanelLayout.panelWidth
  }

  package func offset(row: Int, column: Int) -> Int {
    let (place, local) = column.quotientAndRemainder(dividingBy: group.columns)
    return place * group.count + group.offset(row: row, column: local)
  }

  /// Calls a body with each group that some panels are of, and those of its panels.
  func forEachGroup(
    of panels: Range<Int>, _ body: (_ group: Int, _ panels: Range<Int>) -> Void
  ) {
    var first = panels.lowerBound
    while first < panels.upperBound {
      let place = first / group.panels
      let end = min(panels.upperBound, (place + 1) * group.panels)
      body(place, first..<end)
      first = end
    }
  }
}
