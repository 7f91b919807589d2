import ConvoyTerminal
import Foundation
import Testing

@Suite struct ChoicesTests {
  /// Every algorithm trains, whether it pays or not, and each is told apart.
  @Test func everyAlgorithmIsMeasured() throws {
    let run = ToolRun(
      "choices", "--kernel-sizes", "3,5", "--channels", "8", "--maps", "4,6", "--rounds", "1",
      "--seconds", "0.001", "--warm-up", "0.001", "--json")
    #expect(run.exitCode == .success, "\(run.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let results = try #require(report["results"] as? [[String: Any]])
    #expect(results.count == 4)
    for result in results {
      let times = try #require(result["times"] as? [String: Double])
      #expect(
        Set(times.keys) == ["fastest", "direct", "winograd", "winogradExceptWeightGradient"])
      #expect(times.values.allSatisfy { $0 > 0 })
    }
    #expect(run.errors.contains("of 4 choices take more than 10% over the best"))
  }

  @Test func sharesAndSizesAreChecked() {
    #expect(ToolRun("choices", "--share", "0").exitCode == .usage)
    #expect(ToolRun("choices", "--maps", "0").exitCode == .usage)
  }
}
