/// A table of plain text, whose columns are as wide as what is in them.
struct TextTable {
  struct Column {
    let title: String
    let alignsRight: Bool

    static func left(_ title: String) -> Column { Column(title: title, alignsRight: false) }
    static func right(_ title: String) -> Column { Column(title: title, alignsRight: true) }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  init(columns: [Column]) { self.columns = columns }

  /// - Parameter cells: one a column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a cell a column")
    rows.append(cells)
  }

  var text: String {
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
