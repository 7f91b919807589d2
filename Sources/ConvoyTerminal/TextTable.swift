/// A table of plain text, whose columns are as wide as what is in them.
package struct TextTable {
  package struct Column {
    package let title: String
    package let alignsRight: Bool
    /// At least so many characters wide.
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

  /// - Parameter cells: one a column.
  package mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a cell a column")
    rows.append(cells)
  }

  package var text: String {
    let lines = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in
      lines.map { $0[column].count }.reduce(columns[column].width, max)
    }
    return lines.map { line($0, widths: widths) + "\n" }.joined()
  }

  /// The line of titles, where lines are printed one by one.
  package var header: String { line(columns.map(\.title)) }

  /// A line by itself: its columns are as wide as they were declared and as their titles.
  package func line(_ cells: [String]) -> String {
    line(cells, widths: columns.map { max($0.width, $0.title.count) })
  }

  private func line(_ cells: [String], widths: [Int]) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() {
      let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
      line += (columns[column].alignsRight ? space + cell : cell + space) + "  "
    }
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
