import Testing

@testable import ConvoyCommandLineOptions

@Suite struct SuggestionTests {
  @Test(arguments: [
    ("", "", 0), ("batch", "batch", 0), ("", "abc", 3), ("abc", "", 3), ("bach", "batch", 1),
    ("batch", "bach", 1), ("trian", "train", 1), ("kitten", "sitting", 3), ("ab", "ba", 1),
    ("ca", "abc", 3),
  ])
  func distanceIsTheFewestEdits(first: String, second: String, distance: Int) {
    #expect(Suggestion.editDistance(Array(first), Array(second)) == distance)
  }

  @Test(arguments: [
    ("--Batch", "--batch"), ("--thread", "--threads"), ("--epoch", "--epochs"),
    ("--l", "--l2"), ("--ep", nil), ("--epo", "--epochs"), ("--x", nil), ("--", nil),
    ("--patience", nil),
  ])
  func onlyNearNamesAreOffered(typed: String, suggestion: String?) {
    let names = ["--batch", "--threads", "--epochs", "--l2"]
    #expect(Suggestion.nearest(to: typed, among: names) == suggestion)
  }

  @Test func anAmbiguousBeginningOffersNothing() {
    #expect(
      Suggestion.nearest(to: "--learn", among: ["--learning-rate", "--learning-decay"]) == nil)
  }
}
