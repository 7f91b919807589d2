import Synchronization

/// The chunks that one worker of a team takes before others do, phase after phase.
///
/// The phase and the next chunk share one word, and so a worker that comes late for a phase finds
/// nothing to take, whatever phase the others have reached.
final class ChunkQueue: Sendable {
  private let before = CacheLinePadding()
  /// Phases, counted over all rounds, in the upper half; the next chunk in the lower.
  private let word = Atomic<UInt64>(0)
  private let after = CacheLinePadding()

  /// Takes the first chunk that nobody has taken.
  ///
  /// All phases before this one must be done: a queue still at one of them has nothing left of it.
  ///
  /// - Parameters:
  ///   - chunks: the phase's chunks that are in this queue.
  ///   - phase: counted over all rounds, from 1.
  /// - Returns: nil if none is left, or a later phase has begun.
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
