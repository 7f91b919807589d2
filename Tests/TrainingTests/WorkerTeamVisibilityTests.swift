import ConvoyKernelInterface
import ConvoyTraining
import Testing

/// What nothing but the team's phases orders. The thread sanitizer sees a phase that is not complete when
/// the next begins; processors that order memory strictly hide it.
@Suite struct WorkerTeamVisibilityTests {
  /// Numbers in plain memory. Sound to share where phases order its use, which is what is tested.
  private final class Cells: @unchecked Sendable {
    let numbers = AlignedBuffer<Int>(count: 64)
    let mistakes = AlignedBuffer<Int>(count: 64)
  }

  /// A chunk reads what all chunks of the phase before wrote.
  @Test(arguments: [2, 9, 20, 64]) func writesAreVisibleInTheNextPhase(workers: Int) {
    let cells = Cells()
    let team = WorkerTeam(threads: workers, atMost: 128)
    team.run(rounds: 50, phases: [64, 64]) { ticket in
      if ticket.phase == 0 {
        unsafe cells.numbers.pointer[ticket.chunk] = 100 * ticket.round + ticket.chunk
      } else {
        let sum = (0..<64).reduce(0) { unsafe $0 + cells.numbers.pointer[$1] }
        let mistakes = unsafe cells.mistakes.pointer + ticket.chunk
        unsafe mistakes.pointee += sum == 6_400 * ticket.round + 2_016 ? 0 : 1
      }
    }
    #expect(unsafe cells.mistakes.elements.allSatisfy { $0 == 0 })
  }
}
