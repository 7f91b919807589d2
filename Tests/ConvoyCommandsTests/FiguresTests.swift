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

  /// An epoch that was timed as next to nothing has a rate beyond any integer.
  @Test func noRateIsTooLarge() {
    #expect(Figures.rate(60_000 / 1e-300).hasSuffix(" samples/s"))
    #expect(Figures.rate(.infinity).hasSuffix(" samples/s"))
  }
}
