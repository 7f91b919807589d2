import Testing

@testable import ConvoyReport

@Suite struct AxisTests {
  @Test func endsAndTicksAreRound() throws {
    let axis = try #require(Axis(of: [0.113, 0.987, 0.5]))
    #expect(axis.range == 0...1 && !axis.isLogarithmic)
    #expect(axis.ticks.map { ($0 * 10).rounded() / 10 } == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(axis.position(0.25) == 0.25)
    // What lies outside is drawn at the edge.
    #expect(axis.position(-7) == 0 && axis.position(.infinity) == 1)
  }

  @Test func aWideRangeOfPositiveNumbersIsLogarithmic() throws {
    let axis = try #require(Axis(of: [0.003, 2.3], mayBeLogarithmic: true))
    #expect(axis.isLogarithmic && axis.range.contains(0.003) && axis.range.contains(2.3))
    let (low, high) = (axis.range.lowerBound, axis.range.upperBound)
    #expect(abs(axis.position((low * high).squareRoot()) - 0.5) < 1e-12)
    for values in [[0.003, 0.05], [0, 2.3], [-1, 2.3]] {
      #expect(try #require(Axis(of: values, mayBeLogarithmic: true)).isLogarithmic == false)
    }
    #expect(try #require(Axis(of: [0.003, 2.3])).isLogarithmic == false)
  }

  @Test func zeroIsIncludedWhereItIsWanted() throws {
    #expect(try #require(Axis(of: [7_600, 8_400], includesZero: true)).range.lowerBound == 0)
    #expect(Axis(of: [], includesZero: true) == nil)
  }

  private static let extremes: [[Double]] = [
    [0], [5], [-3, -3], [.leastNonzeroMagnitude], [1e308, -1e308], [.greatestFiniteMagnitude],
    [1e150, 1e-150],
    [1, .nan, .infinity], [1e15, 1e15 + 1], [0.1, 0.1 + 1e-17],
  ]

  /// Positions are numbers from 0 to 1 in order, and there are few ticks, whatever the values.
  @Test(arguments: extremes) func anyNumbersFit(values: [Double]) throws {
    for mayBeLogarithmic in [false, true] {
      let axis = try #require(Axis(of: values, mayBeLogarithmic: mayBeLogarithmic))
      #expect(axis.ticks.count < 30)
      let positions = values.filter(\.isFinite).sorted().map(axis.position)
      #expect(positions.allSatisfy { (0...1).contains($0) } && positions == positions.sorted())
    }
  }

  @Test func withoutANumberThereIsNoAxis() {
    #expect(Axis(of: []) == nil && Axis(of: [.nan, -.infinity]) == nil)
  }

  @Test func epochsAreWhole() {
    #expect(Axis(counting: 0...3).ticks == [0, 1, 2, 3])
    #expect(Axis(counting: 0...1).ticks == [0, 1])
  }

  private static let texts: [(Double, String)] = [
    (0, "0"), (0.25, "0.25"), (-0.5, "−0.5"), (9_999, "9,999"), (25_000, "25,000"),
    (2e6, "2,000,000"), (999.9, "999.9"), (999.96, "1,000"), (-4_000, "−4,000"), (4e9, "4e9"),
    (1e-5, "1e−5"), (2.5e14, "2.5e14"), (.nan, "NaN"), (-.infinity, "−∞"),
  ]

  @Test(arguments: texts) func numbersAreShort(number: Double, text: String) {
    #expect(NumberStyle.plain.text(number) == text)
  }

  @Test func sharesArePerCent() { #expect(NumberStyle.percent.text(0.985) == "98.5%") }
}
