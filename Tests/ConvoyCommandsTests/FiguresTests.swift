import ConvoyFigures
import Testing

@Suite struct FiguresTests {
  @Test(arguments: [
    (0, "0"), (7.4, "7"), (999.6, "1,000"), (12_345, "12,345"), (1_234_567.5, "1,234,568"),
    (1e19, "10,000,000,000,000,000,000"),
  ])
  func ratesAreInThousands(rate: Double, text: String) {
    #expect(Figures.rate(rate) == "\(text) samples/s")
  }

  @Test(arguments: [
    (0.04126, "0.0413"), (-1.5, "-1.5000"), (999_999, "999999.0000"), (1.659e30, "1.6590e+30"),
    (-1e6, "-1.0000e+06"), (.infinity, "inf"), (-Double.nan, "nan"),
  ])
  func lossesAreShort(loss: Double, text: String) {
    #expect(Figures.loss(loss) == text)
  }

  /// As a terminal shows them: Chinese characters and emoji are twice as wide, marks have no width.
  @Test(arguments: [
    ("plain", 5), ("薔薇", 4), ("e\u{301}t\u{E9}", 3), ("🌹", 2), ("❤️", 2), ("·±×", 3), ("한글", 4),
    ("1️⃣", 2),
    ("⌚\u{FE0E}", 1),
  ])
  func columnsAreThoseOfATerminal(text: String, columns: Int) {
    #expect(text.columns == columns)
    var table = TextTable(columns: [.left("name", width: 8), .right("n")])
    table.add([text, "1"])
    #expect(table.text.hasSuffix("\n" + text + String(repeating: " ", count: 10 - columns) + "1\n"))
  }

  /// An epoch that was timed as next to nothing has a rate beyond any integer.
  @Test func noRateIsTooLarge() {
    #expect(Figures.rate(60_000 / 1e-300).hasSuffix(" samples/s"))
    #expect(Figures.rate(.infinity).hasSuffix(" samples/s"))
  }
}
