import ConvoyTraining
import Foundation
import Testing

@Suite struct PhaseTimesTests {
  @Test func eachPhaseGetsItsOwnTime() {
    let times = PhaseTimes(workers: 2, phases: 2)
    for _ in 0..<2 {
      WorkerTeam(threads: 2).run(rounds: 2, phases: [3, 1], times: times) { ticket in
        if ticket.phase == 0 { Thread.sleep(forTimeInterval: 0.005) }
      }
    }
    #expect(times.seconds(inPhases: 0..<1) >= 12 * 0.005)
    #expect(times.seconds(inPhases: 1..<2) < times.seconds(inPhases: 0..<1) / 2)
  }
}
