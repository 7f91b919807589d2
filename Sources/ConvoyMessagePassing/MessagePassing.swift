import Foundation

/// The processes that train one network together, each with a rank from 0.
///
/// Every rank makes the same calls in the same order. A rank makes one call at a time, from any of
/// its threads.
package protocol MessagePassing: Sendable {
  var rank: Int { get }
  var size: Int { get }
  /// Ranks on this machine, as far as is known; at least 1.
  var localSize: Int { get }

  /// Sends bytes to one rank while another's, or the same one's, arrive.
  ///
  /// - Parameters:
  ///   - sent: perhaps none.
  ///   - received: as long as what the sender sends.
  func exchange(
    _ sent: UnsafeRawBufferPointer, to receiver: Int,
    _ received: UnsafeMutableRawBufferPointer, from sender: Int)

  /// Leaves the others in order; they may go on. No call follows.
  func leave()

  /// Ends the processes of all ranks at once, whatever they wait for.
  func abort() -> Never
}

/// A process by itself.
package struct SingleProcess: MessagePassing {
  package init() {}

  package var rank: Int { 0 }
  package var size: Int { 1 }

  package func exchange(
    _ sent: UnsafeRawBufferPointer, to receiver: Int,
    _ received: UnsafeMutableRawBufferPointer, from sender: Int
  ) {
    preconditionFailure("there is no other rank")
  }

}

/// For ranks that are not processes of their own: nobody has to be told.
extension MessagePassing {
  package var localSize: Int { 1 }
  package func leave() {}
  package func abort() -> Never { exit(1) }
}

/// Where each rank's part of a gathered array lies: this rank's own first, then the next ones', in
/// a ring, so that what a message carries is contiguous.
package struct RankParts: Sendable {
  /// By distance from this rank; one more, the end.
  private let starts: [Int]
  private let rank: Int

  /// - Parameter sizes: of the parts, by rank, in bytes.
  package init(sizes: [Int], rank: Int) {
    self.rank = rank
    var starts = [0]
    for distance in sizes.indices {
      starts.append(starts[distance] + sizes[(rank + distance) % sizes.count])
    }
    self.starts = starts
  }

  package var ranks: Int { starts.count - 1 }
  package var byteCount: Int { starts[ranks] }

  package func range(of rank: Int) -> Range<Int> {
    let distance = (rank - self.rank + ranks) % ranks
    return range(fromDistance: distance, to: distance + 1)
  }

  func range(fromDistance first: Int, to end: Int) -> Range<Int> { starts[first]..<starts[end] }

  /// The run of so many things that falls to a rank: runs differ by one at most, and follow the
  /// ranks.
  package static func share(of count: Int, rank: Int, ranks: Int) -> Range<Int> {
    count * rank / ranks..<count * (rank + 1) / ranks
  }
}

extension MessagePassing {
  /// Gathers every rank's part on all ranks, in ⌈log₂ size⌉ messages (Bruck et al., 1997).
  ///
  /// - Parameter bytes: laid out by `parts`, which has the same sizes on all ranks. This rank's own
  ///   part is filled in; the others are received.
  package func allGather(_ parts: RankParts, in bytes: UnsafeMutableRawBufferPointer) {
    precondition(parts.ranks == size && parts.byteCount <= bytes.count, "a place for each part")
    var distance = 1
    while distance < size {
      // What is known so far, or as much as is still missing.
      let count = min(distance, size - distance)
      let sent = parts.range(fromDistance: 0, to: count)
      let received = parts.range(fromDistance: distance, to: distance + count)
      unsafe exchange(
        UnsafeRawBufferPointer(rebasing: bytes[sent]), to: (rank - distance + size) % size,
        UnsafeMutableRawBufferPointer(rebasing: bytes[received]),
        from: (rank + distance) % size)
      distance *= 2
    }
  }

  /// The bytes of all ranks, by rank.
  package func allGather(_ own: [UInt8]) -> [[UInt8]] {
    guard size > 1 else { return [own] }
    let counts = allGather(UInt64(own.count)).map { Int($0) }
    let parts = RankParts(sizes: counts, rank: rank)
    var bytes = [UInt8](repeating: 0, count: parts.byteCount)
    bytes.replaceSubrange(parts.range(of: rank), with: own)
    unsafe bytes.withUnsafeMutableBytes { unsafe allGather(parts, in: $0) }
    return (0..<size).map { Array(bytes[parts.range(of: $0)]) }
  }

  private func allGather(_ number: UInt64) -> [UInt64] {
    let parts = RankParts(sizes: Array(repeating: 8, count: size), rank: rank)
    var numbers = [UInt64](repeating: 0, count: size)
    numbers[0] = number
    unsafe numbers.withUnsafeMutableBytes { unsafe allGather(parts, in: $0) }
    return (0..<size).map { numbers[parts.range(of: $0).lowerBound / 8] }
  }

  /// Rank 0's bytes, on every rank.
  package func broadcast(_ bytes: [UInt8]) -> [UInt8] { allGather(rank == 0 ? bytes : [])[0] }

  /// Whether any rank says so.
  package func isAny(_ own: Bool) -> Bool {
    size == 1 ? own : allGather(own ? 1 : 0).contains(1)
  }

  /// Returns when every rank has called it.
  package func barrier() { _ = isAny(false) }
}
