/// The chunks of each phase, dealt to the workers of a team in equal runs; other workers may steal them.
///
/// Of a worker's queue, the phase and the next chunk share one word, so a worker that is late for a
/// phase finds nothing to take, whatever phase the others have reached.
final class ChunkQueues: Sendable {
  private let workers: Int
  /// Phases, counted over all rounds, in the upper half; the next chunk in the lower.
  private let words: AtomicLines

  init(workers: Int) {
    precondition(Int.bitWidth == 64, "a word has two halves of 32 bits")
    self.workers = workers
    words = AtomicLines(count: workers)
  }

  /// The chunks that are dealt to a worker.
  static func share(_ worker: Int, of workers: Int, in chunks: Int) -> Range<Int> {
    chunks * worker / workers..<chunks * (worker + 1) / workers
  }

  /// Takes the next chunk of a worker's share.
  ///
  /// All earlier phases must be done: a queue that is still in one of them has no chunks of it
  /// left. What orders the chunks' memory is the phases' completion, not who takes them.
  ///
  /// - Parameters:
  ///   - chunks: of the phase; in 32 bits.
  ///   - phase: counted over all rounds, from 1; in 32 bits.
  /// - Returns: nil if no chunk is left, or a later phase has begun.
  func take(fromShareOf worker: Int, in chunks: Int, ofPhase phase: Int) -> Int? {
    let share = Self.share(worker, of: workers, in: chunks)
    var seen = words.value(worker)
    while true {
      let seenPhase = Int(UInt(bitPattern: seen) >> 32)
      guard seenPhase <= phase else { return nil }
      let next = seenPhase == phase ? Int(UInt32(truncatingIfNeeded: seen)) : share.lowerBound
      guard next < share.upperBound else { return nil }
      let (exchanged, original) = words.weakCompareExchange(
        expected: seen, desired: Int(bitPattern: UInt(phase) << 32 | UInt(next + 1)), at: worker)
      if exchanged { return next }
      seen = original
    }
  }
}
