import Synchronization

/// The chunks of each phase that are dealt to one worker of a team; other workers may steal them.
///
/// The phase and the next chunk share one word, so a worker that is late for a phase finds nothing
/// to take, whatever phase the others have reached.
final class ChunkQueue: Sendable {
  private let before = CacheLinePadding()
  /// Phases, counted over all rounds, in the upper half; the next chunk in the lower.
  private let word = Atomic<UInt64>(0)
  private let after = CacheLinePadding()

  /// Takes the next chunk.
  ///
  /// All earlier phases must be done: a queue that is still in one of them has no chunks of it
  /// left.
  ///
  /// - Parameters:
  ///   - chunks: the phase's chunks in this queue.
  ///   - phase: counted over all rounds, from 1.
  /// - Returns: nil if no chunk is left, or a later phase has begun.
  func take(from chunks: Range<Int>, ofPhase phase: UInt32) -> Int? {
    var seen = word.load(ordering: .relaxed)
    while true {
      let seenPhase = UInt32(truncatingIfNeeded: seen >> 32)
      guard seenPhase <= phase else { return nil }
      let next = seenPhase == phase ? Int(UInt32(truncatingIfNeeded: seen)) : chunks.lowerBound
      guard next < chunks.upperBound else { return nil }
      let (exchanged, original) = word.weakCompareExchange(
        expected: seen, desired: UInt64(phase) << 32 | UInt64(next + 1), ordering: .relaxed)
      if exchanged { return next }
      seen = original
    }
  }
}

/// Bytes between atomics of different use, so that they never share a pair of cache lines.
struct CacheLinePadding {
  private let bytes = InlineArray<128, UInt8>(repeating: 0)
}
