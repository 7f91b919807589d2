import ConvoyKernelInterface

/// The time that each worker of a team spends in each phase, summed over runs.
///
/// Sound to share: a worker writes only its own row, and rows are read between runs.
package final class PhaseTimes: @unchecked Sendable {
  private let phases: Int
  private let workers: Int
  /// One row per worker, padded to whole cache lines.
  private let nanoseconds: AlignedBuffer<Int64>
  private let rowStep: Int

  package init(workers: Int, phases: Int) {
    self.workers = workers
    self.phases = phases
    rowStep = (phases + 15) / 16 * 16
    nanoseconds = AlignedBuffer(count: workers * rowStep)
  }

  func measure(_ ticket: WorkerTeam.Ticket, _ body: (WorkerTeam.Ticket) -> Void) {
    precondition(
      ticket.worker < workers && ticket.phase < phases, "there is a place for each worker and phase"
    )
    let taken = ContinuousClock().measure { body(ticket) }
    let place = unsafe nanoseconds.pointer + (ticket.worker * rowStep + ticket.phase)
    unsafe place.pointee += Int64(taken / .nanoseconds(1))
  }

  /// The time of all workers together in the given phases, in seconds.
  package func seconds(inPhases some: Range<Int>) -> Double {
    precondition(some.lowerBound >= 0 && some.upperBound <= phases, "there are \(phases) phases")
    let places = (0..<workers).flatMap { worker in some.map { worker * rowStep + $0 } }
    return Double(places.reduce(0) { unsafe $0 + nanoseconds.pointer[$1] }) * 1e-9
  }
}
