import ConvoyFigures
import Foundation

extension Classification {
  private static let side = 640.0
  /// With more classes, names could not be read.
  private static let mostNames = 64
  private static let longestName = 16
  /// With more cells, none tells its number.
  private static let mostTitles = 5_000
  private static let mostListed = 500
  /// Of the cells' colour.
  private static let levels = 6

  /// The confusion matrix as a picture that fits the page, and its largest mistakes as a list.
  func heatMap(_ confusion: [[Int]]) -> String {
    let cell = Self.side / Double(scores.count)
    let hasNames = scores.count <= Self.mostNames
    let font = min(12, cell * 0.9)
    let longest = scores.map { min($0.name.count, Self.longestName) }.max() ?? 0
    let margin = hasNames ? 8 + Double(longest) * font * 0.62 : 40
    let size = (margin + Self.side).svg
    let found = confusion.enumerated().flatMap { label, row in
      row.enumerated().filter { $0.element > 0 }.map { (label, $0.offset, $0.element) }
    }
    let cells =
      found.count <= Self.mostTitles
      ? found.map { label, predicted, count in
        "<path class=\"\(kind(label, predicted, count))\" "
          + "d=\"\(Self.path(label, predicted))\"><title>\(title(label, predicted, count))</title></path>"
      }
      : Dictionary(grouping: found) { kind($0.0, $0.1, $0.2) }.sorted { $0.key < $1.key }.map {
        "<path class=\"\($0.key)\" d=\"\($0.value.map { Self.path($0.0, $0.1) }.joined())\"/>"
      }
    return "<figure class=\"heat\">\n<svg viewBox=\"0 0 \(size) \(size)\" role=\"img\" "
      + "aria-label=\"Confusion matrix of \(Figures.grouped(scores.count)) classes\">"
      + "<g class=\"ticks\">\(names(margin, cell, font, every: hasNames ? 1 : step))</g>\n"
      + "<g transform=\"translate(\(margin.svg) \(margin.svg)) scale(\(Self.exact(cell)))\">"
      + "<path class=\"ground\" d=\"M0 0H\(scores.count)V\(scores.count)H0Z\"/>\n"
      + cells.joined(separator: "\n")
      + "</g></svg>\n<figcaption>Rows are true classes, columns predicted ones; the deeper the "
      + "colour, the larger the share of the class.</figcaption>\n</figure>\n" + list(found)
  }

  /// A square of the matrix, in cells.
  private static func path(_ label: Int, _ predicted: Int) -> String {
    "M\(predicted) \(label)h1v1h-1z"
  }

  private static func exact(_ value: Double) -> String { String(format: "%.5f", value) }

  /// The class of a cell in the style sheet: whether it is on the diagonal, and how deep its colour is.
  private func kind(_ label: Int, _ predicted: Int, _ count: Int) -> String {
    let share = Double(count) / Double(max(1, scores[label].images))
    let level = max(1, Int((share.squareRoot() * Double(Self.levels)).rounded(.up)))
    return "\(label == predicted ? "right" : "wrong") d\(min(level, Self.levels))"
  }

  /// Classes between two numbers at the edges, where names have no room.
  private var step: Int { [10, 20, 50, 100, 200].first { scores.count <= 12 * $0 } ?? 500 }

  /// Names of classes at the left and the upper edge, or the numbers of some.
  private func names(_ margin: Double, _ cell: Double, _ font: Double, every step: Int) -> String {
    let size = step > 1 ? 11 : font
    let end = (margin - 5).svg
    return stride(from: 0, to: scores.count, by: step).map { label in
      let name = step > 1 ? "\(label)" : Self.short(scores[label].name)
      let middle = margin + (Double(label) + 0.5) * cell + size * 0.35
      let style = "style=\"font-size:\(size.svg)px\""
      return "<text x=\"\(end)\" y=\"\(middle.svg)\" \(style) text-anchor=\"end\">"
        + "\(name.escaped)</text><text transform=\"translate(\(middle.svg) \(end)) rotate(-90)\" "
        + "\(style)>\(name.escaped)</text>"
    }.joined()
  }

  /// Both ends of a long name.
  private static func short(_ name: String) -> String {
    guard name.count > longestName else { return name }
    return name.prefix(longestName / 2) + "…" + name.suffix(longestName / 2 - 1)
  }

  /// The mistakes of a matrix, the most frequent first.
  private func list(_ found: [(Int, Int, Int)]) -> String {
    let wrong = found.filter { $0.0 != $0.1 }.sorted { ($1.2, $0.0, $0.1) < ($0.2, $1.0, $1.1) }
    guard !wrong.isEmpty else { return "" }
    let left =
      wrong.count > Self.mostListed
      ? "; \(Self.mostListed) of \(Figures.grouped(wrong.count)) pairs of classes" : ""
    return Report.Table(
      summary: "Mistakes of the matrix, most frequent first\(left)",
      columns: ["class", "seen as", "images", "share of the class"],
      rows: wrong.prefix(Self.mostListed).map { label, predicted, count in
        [
          scores[label].name, scores[predicted].name, Figures.grouped(count),
          Self.percent(Double(count) / Double(max(1, scores[label].images))),
        ]
      }
    ).html
  }
}
