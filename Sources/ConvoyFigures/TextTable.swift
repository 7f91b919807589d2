/// A plain-text table. Each column is as wide as its widest cell.
package struct TextTable {
  package struct Column {
    package let title: String
    package let alignsRight: Bool
    /// The minimum width in a terminal's columns.
    package let width: Int

    package static func left(_ title: String, width: Int = 0) -> Column {
      Column(title: title, alignsRight: false, width: width)
    }
    package static func right(_ title: String, width: Int = 0) -> Column {
      Column(title: title, alignsRight: true, width: width)
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  package init(columns: [Column]) { self.columns = columns }

  /// - Parameter cells: one per column.
  package mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a cell a column")
    rows.append(cells)
  }

  /// The columns of the longest line.
  package var width: Int { text.split(separator: "\n").map { String($0).columns }.max() ?? 0 }

  package var text: String {
    let lines = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in
      lines.map { $0[column].columns }.reduce(columns[column].width, max)
    }
    return lines.map { line($0, widths: widths) + "\n" }.joined()
  }

  /// The header, for a table that is printed line by line.
  package var header: String { line(columns.map(\.title)) }

  /// One line of a table that is printed line by line. A column has its declared width, or that of
  /// its title if wider.
  package func line(_ cells: [String]) -> String {
    line(cells, widths: columns.map { max($0.width, $0.title.columns) })
  }

  private func line(_ cells: [String], widths: [Int]) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() {
      let space = String(repeating: " ", count: max(0, widths[column] - cell.columns))
      line += (columns[column].alignsRight ? space + cell : cell + space) + "  "
    }
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
