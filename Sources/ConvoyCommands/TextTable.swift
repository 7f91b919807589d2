/// A table of plain text, whose columns are as wide as what is in them.
package struct TextTable {
  package struct Column {
    package let title: String
    package let alignsRight: Bool

    package static func left(_ title: String) -> Column { Column(title: title, alignsRight: false) }
    package static func right(_ title: String) -> Column { Column(title: title, alignsRight: true) }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  package init(columns: [Column]) { self.columns = columns }

  /// - Parameter cells: one a column.
  package mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a cell a column")
    rows.append(cells)
  }

  package var text: String {
    let lines = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += (columns[column].alignsRight ? space + cell : cell + space) + "  "
      }
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}
