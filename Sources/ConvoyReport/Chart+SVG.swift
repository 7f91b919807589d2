import Foundation

extension Chart {
  private static let width = 560.0
  private static let height = 300.0
  private static let plot = (left: 70.0, top: 12.0, right: 548.0, bottom: 258.0)
  /// Pieces of a long curve: about two units each.
  private static let mostPieces = 240
  private static let mostMarks = 400
  /// Crosses for values that are not finite.
  private static let mostFaults = 20

  /// A figure with a title, a legend and an SVG; empty if no number is finite.
  func html() -> String {
    guard let plot = plotElements() else { return "" }
    let svg =
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(title.escaped): "
      + curves.map(\.name.escaped).joined(separator: ", ") + "\">\n\(plot)</svg>\n"
    return "<figure class=\"chart\">\n<h3>\(title.escaped)</h3>\n\(legend)\(svg)</figure>\n"
  }

  /// The chart as a file of its own, with its title and a legend; nil if no number is finite.
  package func svgFile() -> String? {
    guard let plot = plotElements() else { return nil }
    let line = 20.0
    var top = 2 * line
    var names: [String] = []
    for curve in namedCurves {
      names.append(
        "<path class=\"\(Self.classes(curve))\" d=\"M\(Self.legendLeft.svg) \((top - 4).svg)h24\"/>"
      )
      for part in Self.wrapped(curve.name, to: Self.legendColumns) {
        names.append(
          "<text x=\"\((Self.legendLeft + 32).svg)\" y=\"\(top.svg)\">\(part.escaped)</text>\n")
        top += line
      }
    }
    let height = top + Self.height
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(height))" font-family="sans-serif" font-size="12" fill="#1d1f22">
      <title>\(title.escaped)</title>
      <style>\(Self.fileStyle)</style>
      <rect width="100%" height="100%" fill="#fff"/>
      <text x="\(Self.legendLeft.svg)" y="\(line.svg)" font-size="14" font-weight="bold">\(title.escaped)</text>
      \(names.joined())<g transform="translate(0 \(top.svg))">
      \(plot)</g>
      </svg>

      """
  }

  private static let legendLeft = 12.0
  /// As many characters as surely fit beside a line.
  private static let legendColumns = 72

  /// The lines of a text: broken after spaces and commas, or within longer words.
  static func wrapped(_ text: String, to columns: Int) -> [String] {
    var lines: [String] = []
    var rest = text[...]
    while rest.count > columns {
      let line = rest.prefix(columns)
      let end = line.lastIndex { $0 == " " || $0 == "," }.map(line.index(after:)) ?? line.endIndex
      lines.append(String(rest[..<end]))
      rest = rest[end...]
    }
    return lines + [String(rest)]
  }

  /// As in the light page. Programs other than browsers know no variables in styles.
  private static let fileStyle =
    ".grid path{stroke:#dbdbd5}.ticks text{fill:#5a5e65}.curve{fill:none;stroke-width:2;"
    + "stroke-linejoin:round;stroke-linecap:round}.thin{stroke-width:1}"
    + ".dotted{stroke-dasharray:1.5 4}.dashed{stroke-dasharray:9 4 1.5 4}.band{opacity:.16}.mark{stroke:#fff}"
    + ".fault{fill:none;stroke:#a3242f;stroke-width:2}"
    + colors.enumerated().map { number, color in
      let own = ".s\(number + 1)"
      return ".curve\(own){stroke:\(color)}.band\(own),.mark\(own){fill:\(color)}"
    }.joined()

  private static let colors = [
    "#1a5c9e", "#a84d1a", "#2b7a55", "#7c4a9c", "#c0246f", "#756400", "#0b7285", "#4b4f57",
  ]

  /// Grid, curves and marks; nil if no number is finite.
  private func plotElements() -> String? {
    let condensed = curves.map { CondensedCurve($0.points, most: Self.mostPieces) }
    let pieces = condensed.flatMap(\.pieces)
    let ends = curves.flatMap(\.points).map(\.x).filter(\.isFinite)
    guard
      let y = Axis(
        of: pieces.flatMap { [$0.low, $0.high] }, mayBeLogarithmic: mayBeLogarithmic,
        includesZero: includesZero)
    else { return nil }
    let x = Axis(counting: 0...max(ends.max() ?? 0, length, 1))
    return grid(x, y)
      + zip(curves, condensed).map { path(of: $0, $1, x, y) }.joined()
      + zip(curves, condensed).map { marks(of: $0, $1, x, y) }.joined()
  }

  /// The first of those that look the same and have one name.
  private var namedCurves: [Curve] {
    var seen: Set<String> = []
    return curves.filter { seen.insert("\(Self.classes($0)), \($0.name)").inserted }
  }

  private var legend: String {
    let curves = namedCurves
    guard curves.count > 1 || curves.first.map({ $0.name != title }) ?? false else { return "" }
    let items = curves.map { curve in
      "<li><svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><path class=\"\(Self.classes(curve))\" "
        + "d=\"M1 4H23\"/></svg>\(curve.name.escaped)</li>"
    }
    return "<ul class=\"legend\">\(items.joined())</ul>\n"
  }

  private static func classes(_ curve: Curve) -> String {
    "curve s\(curve.series % seriesCount + 1)"
      + patterns[curve.series / seriesCount % patterns.count] + (curve.isThin ? " thin" : "")
  }

  /// Series are told apart by colours, and beyond them by patterns too.
  static let seriesCount = 8
  private static let patterns = ["", " dotted", " dashed"]

  private func grid(_ x: Axis, _ y: Axis) -> String {
    var text = "<g class=\"grid\">"
    for tick in y.ticks {
      text += "<path d=\"M\(Self.plot.left.svg) \(Self.y(tick, y).svg)H\(Self.plot.right.svg)\"/>"
    }
    text += "</g>\n<g class=\"ticks\">"
    for tick in y.ticks {
      text +=
        "<text x=\"\((Self.plot.left - 8).svg)\" y=\"\((Self.y(tick, y) + 4).svg)\" "
        + "text-anchor=\"end\">\(style.text(tick))</text>"
    }
    for tick in x.ticks {
      text +=
        "<text x=\"\(Self.x(tick, x).svg)\" y=\"\((Self.plot.bottom + 18).svg)\" "
        + "text-anchor=\"middle\">\(NumberStyle.plain.text(tick))</text>"
    }
    return text
      + "<text class=\"label\" x=\"\(Self.plot.right.svg)\" y=\"\((Self.height - 6).svg)\" "
      + "text-anchor=\"end\">\(xLabel.escaped)\(y.isLogarithmic ? "; logarithmic scale" : "")</text>"
      + "</g>\n"
  }

  private func path(
    of curve: Curve, _ condensed: CondensedCurve, _ x: Axis, _ y: Axis
  ) -> String {
    let pieces = condensed.pieces
    func line(_ pieces: [CondensedCurve.Piece], _ value: (CondensedCurve.Piece) -> Double) -> String
    {
      pieces.map { "\(Self.x($0.x, x).svg) \(Self.y(value($0), y).svg)" }.joined(separator: "L")
    }
    guard !pieces.isEmpty else { return "" }
    var text = ""
    if curve.points.count > pieces.count {
      text +=
        "<path class=\"band s\(curve.series % Self.seriesCount + 1)\" d=\"M\(line(pieces, \.high))"
        + "L\(line(pieces.reversed(), \.low))Z\"/>\n"
    }
    return text
      + "<path class=\"\(Self.classes(curve))\" d=\"M\(line(pieces, \.mean))\">"
      + "<title>\(curve.name.escaped)</title></path>\n"
  }

  private func marks(
    of curve: Curve, _ condensed: CondensedCurve, _ x: Axis, _ y: Axis
  ) -> String {
    var text = ""
    if curve.hasMarks || condensed.pieces.count == 1, condensed.pieces.count <= Self.mostMarks {
      for piece in condensed.pieces {
        text +=
          "<circle class=\"mark s\(curve.series % Self.seriesCount + 1)\" "
          + "cx=\"\(Self.x(piece.x, x).svg)\" cy=\"\(Self.y(piece.mean, y).svg)\" r=\"3\"><title>"
          + "\(curve.name.escaped), \(xLabel.escaped) \(NumberStyle.plain.text(piece.x)): "
          + "\(style.text(piece.mean))</title></circle>"
      }
    }
    for fault in condensed.faults.prefix(Self.mostFaults) {
      let (left, top) = (Self.x(fault, x) - 4, Self.plot.top)
      text +=
        "<path class=\"fault\" d=\"M\(left.svg) \(top.svg)l8 8m0 -8l-8 8\"><title>"
        + "\(curve.name.escaped), \(xLabel.escaped) \(NumberStyle.plain.text(fault)): not finite"
        + "</title></path>"
    }
    return text.isEmpty ? "" : text + "\n"
  }

  private static func x(_ value: Double, _ axis: Axis) -> Double {
    plot.left + axis.position(value) * (plot.right - plot.left)
  }

  private static func y(_ value: Double, _ axis: Axis) -> Double {
    plot.bottom - axis.position(value) * (plot.bottom - plot.top)
  }
}

extension Double {
  /// To a tenth of a unit.
  var svg: String { String(format: "%.1f", self) }
}
