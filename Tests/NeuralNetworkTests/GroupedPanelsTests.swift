import ConvoyKernelInterface
import ConvoyNeuralNetwork
import Testing

@Suite struct GroupedPanelsTests {
  /// Panels of 16 and of 8; one group, and several.
  @Test(arguments: [8, 16, 24, 40], [1, 3])
  func groupsFollowOneAnother(columns: Int, groups: Int) {
    let layout = GroupedPanels(PanelLayout(rows: 5, columns: columns), groups: groups)
    for group in 0..<groups {
      let places = (0..<5).flatMap { row in
        (0..<columns).map { layout.offset(row: row, column: group * columns + $0) }
      }
      #expect(places.sorted() == Array(group * 5 * columns..<(group + 1) * 5 * columns))
    }
    let panels = (0..<layout.panels).map { layout.columns(ofPanels: $0..<$0 + 1) }
    #expect(panels.flatMap(\.self) == Array(0..<layout.columns))
    for (number, panel) in panels.enumerated() {
      #expect(panel.allSatisfy { layout.panel(ofColumn: $0) == number })
      #expect(layout.offset(ofPanel: number) == layout.offset(row: 0, column: panel.lowerBound))
      #expect(layout.width(ofPanel: number) == panel.count)
    }
  }
}
