import ConvoyFileFuzzing
import ConvoyTestSupport
import Foundation
import Testing

/// Spoilt files of every format are read or refused with the reader's own errors: no trap, no hang, no
/// memory out of proportion, and what is accepted is what the file holds.
///
/// `CONVOY_FUZZ_MUTANTS` is how many of each format, `CONVOY_FUZZ_FIRST` the number of the first:
/// a mutant is a function of its number, so that one which was found can be run alone.
@Suite struct CampaignTests {
  private static let first = number("CONVOY_FUZZ_FIRST") ?? 0
  private static let count = number("CONVOY_FUZZ_MUTANTS") ?? 500

  @Test(arguments: FileFormat.allCases)
  func mutantsAreReadOrRefused(format: FileFormat) async throws {
    let directory = try TemporaryDirectory()
    try directory.write([], to: "report")
    let campaign = Campaign(
      format, first: Self.first, count: Self.count, report: directory.path(of: "report"))
    await #expect(processExitsWith: .success) { [campaign = campaign as Campaign] in
      try campaign.run()
    }
    let report = try String(contentsOfFile: campaign.report, encoding: .utf8)
      .prefix { $0 != "\n" }
    #expect(
      report.hasPrefix("\(Self.count) mutants"),
      """
      \(format), \(report); alone: CONVOY_FUZZ_FIRST=<its number> CONVOY_FUZZ_MUTANTS=1 \
      swift test --filter CampaignTests
      """)
    if Self.number("CONVOY_FUZZ_MUTANTS") != nil { print("\(format): \(report)") }
  }

  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }
}
