import Foundation
import Testing

/// Many threads; with `CONVOY_STRESS_ROUNDS=50` in the environment, fifty times, as
/// `.ci/sanitize stress` does while other processes keep all cores busy.
@Suite struct StressTests {
  @Test func oneToSixtyFourThreadsGiveTheSameBits() throws {
    let wanted = ProcessInfo.processInfo.environment["CONVOY_STRESS_ROUNDS"]
    let rounds = try wanted.map { try #require(Int($0), "CONVOY_STRESS_ROUNDS is a number") }

    // So many units that the updates keep 64 workers busy.
    let units = 16 * 64 + 1
    let one = try MixedRun(threads: 1, denseUnits: units)
    for round in 0..<(rounds ?? 1) {
      for threads in [1, 2, 3, 5, 8, 16, 33, 64] {
        #expect(
          try MixedRun(threads: threads, denseUnits: units) == one,
          "round \(round), \(threads) threads")
      }
    }
  }
}
