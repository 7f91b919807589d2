/// Curves over one axis.
package struct Chart: Sendable {
  package let title: String
  package let xLabel: String
  package let length: Double
  package let style: NumberStyle
  /// Whether the vertical axis may be logarithmic.
  package let mayBeLogarithmic: Bool
  /// Whether the vertical axis has zero on it.
  package let includesZero: Bool
  package let curves: [Curve]

  /// - Parameter length: of the horizontal axis from 0, if it is not that of the curves alone.
  package init(
    title: String, xLabel: String, length: Double = 0, style: NumberStyle = .plain,
    mayBeLogarithmic: Bool = false, includesZero: Bool = false, curves: [Curve]
  ) {
    self.title = title
    self.xLabel = xLabel
    self.length = length
    self.includesZero = includesZero
    self.style = style
    self.mayBeLogarithmic = mayBeLogarithmic
    self.curves = curves
  }
}

/// Points from left to right.
package struct Curve: Sendable {
  package let name: String
  /// The number of its colour and pattern.
  package let series: Int
  /// Whether it is the lesser of two curves of a series.
  package let isThin: Bool
  /// Whether each point gets a mark that tells its numbers.
  package let hasMarks: Bool
  package let points: [Point]

  package struct Point: Sendable, Equatable {
    package let x: Double
    package let y: Double

    package init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  package init(
    name: String, series: Int, isThin: Bool = false, hasMarks: Bool = false, points: [Point]
  ) {
    self.name = name
    self.series = series
    self.isThin = isThin
    self.hasMarks = hasMarks
    self.points = points
  }
}

/// A long curve in few pieces, each with the mean and the extremes of its points.
struct CondensedCurve {
  struct Piece: Equatable {
    var x: Double
    var mean: Double
    var low: Double
    var high: Double
  }

  /// From left to right.
  let pieces: [Piece]
  /// Where values are not finite.
  let faults: [Double]

  /// - Parameter most: pieces; a curve with fewer points has one per point.
  init(_ points: [Curve.Point], most: Int) {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
    faults = points.filter { $0.x.isFinite && !$0.y.isFinite }.map(\.x)
    let count = min(most, finite.count)
    pieces = (0..<count).map { piece in
      let own = finite[piece * finite.count / count..<(piece + 1) * finite.count / count]
      let ys = own.map(\.y)
      let number = Double(own.count)
      return Piece(
        x: own.reduce(0) { $0 + $1.x / number }, mean: ys.reduce(0) { $0 + $1 / number },
        low: ys.min() ?? 0, high: ys.max() ?? 0)
    }
  }
}
