import Testing

@testable import ConvoyReport

@Suite struct CurveTests {
  private func points(_ count: Int) -> [Curve.Point] {
    (0..<count).map { Curve.Point(Double($0), Double($0 % 10)) }
  }

  @Test func aLongCurveKeepsItsExtremes() {
    var points = points(10_000)
    points[6_543] = Curve.Point(6_543, 77)
    let curve = CondensedCurve(points, most: 240)
    #expect(curve.pieces.count == 240)
    #expect(curve.pieces.map(\.high).max() == 77 && curve.pieces.map(\.low).min() == 0)
    #expect(curve.pieces.allSatisfy { $0.low <= $0.mean && $0.mean <= $0.high })
    #expect(zip(curve.pieces, curve.pieces.dropFirst()).allSatisfy { $0.x < $1.x })
  }

  @Test func aShortCurveKeepsItsPoints() {
    let curve = CondensedCurve(points(7), most: 240)
    #expect(curve.pieces.map(\.mean) == [0, 1, 2, 3, 4, 5, 6])
    #expect(curve.pieces.allSatisfy { $0.low == $0.high })
  }

  @Test func numbersThatAreNotFiniteAreFaults() {
    let points = [Curve.Point(1, 2), Curve.Point(2, .nan), Curve.Point(.nan, 1)]
    let curve = CondensedCurve(points + [Curve.Point(3, .infinity)], most: 2)
    #expect(curve.pieces.count == 1 && curve.faults == [2, 3])
  }

  /// The legend of a file has room for any name.
  @Test func longNamesAreWrapped() {
    let name = "augment flip,crop:4, optimizer adam, learning-rate 0.001"
    #expect(Chart.wrapped(name, to: 100) == [name] && Chart.wrapped("", to: 5) == [""])
    #expect(Chart.wrapped("abcdefg", to: 3) == ["abc", "def", "g"])
    for columns in 1...60 {
      let lines = Chart.wrapped(name, to: columns)
      #expect(lines.joined() == name && lines.allSatisfy { $0.count <= columns })
    }
    #expect(Chart.wrapped(name, to: 20)[0] == "augment flip,crop:4,")
    let chart = Chart(
      title: "t", xLabel: "x",
      curves: (0..<2).map { Curve(name: name + name, series: $0, points: [Curve.Point(0, 1)]) })
    #expect(chart.svgFile()?.ranges(of: "</text>\n<text x=\"44.0\"").count == 2)
  }

  @Test func aHistogramCountsEachNumberOnce() {
    let values: [Float] = [-1, -0.9, 0, 0.5, 1, .nan]
    let histogram = Histogram(title: "", of: values, bins: 4)
    #expect(histogram.counts == [2, 0, 1, 2])
    #expect(histogram.low == -1 && histogram.high == 1)
    #expect(Histogram(title: "", of: [3, 3], bins: 3).counts == [0, 2, 0])
    #expect(Histogram(title: "", of: [], bins: 3).counts == [0, 0, 0])
    #expect(abs(Histogram(title: "", of: [1, 3]).deviation - 1) < 1e-12)
  }
}
