import Testing

@testable import ConvoyTraining

@Suite struct ChunkQueuesTests {
  /// Phases may be counted up to the end of 32 bits.
  @Test(arguments: [1, Int(Int32.max), Int(Int32.max) + 1, Int(UInt32.max) - 1])
  func aShareIsTakenOnceAPhase(first: Int) {
    let queues = ChunkQueues(workers: 3)
    for phase in [first, first + 1] {
      let taken = (0..<3).flatMap { worker in
        (0..<9).compactMap { _ in queues.take(fromShareOf: worker, in: 7, ofPhase: phase) }
      }
      #expect(taken == [0, 1, 2, 3, 4, 5, 6])
    }
    #expect(queues.take(fromShareOf: 0, in: 7, ofPhase: first) == nil, "a late worker")
  }

  /// A queue without a chunk of a phase stays in the one before, and goes on with the next.
  @Test func aShareMayBeEmpty() {
    let queues = ChunkQueues(workers: 3)
    #expect(queues.take(fromShareOf: 0, in: 1, ofPhase: 1) == nil)
    #expect(queues.take(fromShareOf: 2, in: 1, ofPhase: 1) == 0)
    #expect(queues.take(fromShareOf: 0, in: 0, ofPhase: 2) == nil)
    #expect(queues.take(fromShareOf: 0, in: 3, ofPhase: 3) == 0)
  }

  @Test func sharesAreNeighboursAndWhole() {
    for (workers, chunks) in [(1, 5), (3, 7), (64, 3), (9, 9), (5, 0)] {
      let shares = (0..<workers).map { ChunkQueues.share($0, of: workers, in: chunks) }
      #expect(shares.flatMap(Array.init) == Array(0..<chunks))
      #expect(shares.allSatisfy { $0.count - chunks / workers <= 1 })
    }
  }
}
