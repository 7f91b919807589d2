import ConvoyTraining
import Testing

@Suite struct BatchCutTests {
  private static let sizes = Array(1...70) + [100, 128, 255, 256, 257, 1000, 4096]
  private static let slotBytes = [0, 2 << 20, 32 << 20]

  @Test(arguments: sizes, [1, 2, 7, 16, 64, 1000])
  func coversEveryBatchOnceInOrder(batchSize: Int, workers: Int) {
    for bytes in Self.slotBytes {
      let cut = BatchCut(batchSize: batchSize, slotBytes: bytes, workers: workers)
      // The last batch of an epoch may be short, and has room in what a whole one takes.
      for samples in Set([1, batchSize / 2, batchSize - 1, batchSize]) where samples > 0 {
        let groups = (0..<cut.groups).map { cut.group($0, of: samples) }
        let chunks = (0..<cut.chunks).map { cut.chunk($0, of: samples) }
        #expect(groups.flatMap(Array.init) == Array(0..<samples))
        #expect(chunks.flatMap(Array.init) == Array(0..<samples))
        #expect(groups.allSatisfy { $0.count <= cut.groupSize })
        #expect(chunks.allSatisfy { $0.count <= cut.chunkSize })
        #expect(groups.count { !$0.isEmpty } == cut.groups(of: samples))
      }
    }
  }

  /// The number of workers decides who takes which samples, never how gradients are summed.
  @Test(arguments: sizes)
  func groupsDependOnTheBatchAlone(batchSize: Int) {
    for bytes in Self.slotBytes {
      let groups = Set(
        [1, 3, 16, 64, 1000].map {
          BatchCut(batchSize: batchSize, slotBytes: bytes, workers: $0).groupSize
        })
      #expect(groups.count == 1)
    }
    let cut = BatchCut(batchSize: batchSize)
    #expect(cut.groups <= 32)
    #expect(cut.groups >= min(batchSize, 9))
    #expect(!cut.sumsGroupsApart)
  }

  /// No worker takes twice its fair share while others have nothing.
  @Test(arguments: sizes, [2, 3, 8, 12, 24, 64, 128])
  func thereIsWorkForManyCores(batchSize: Int, workers: Int) {
    for bytes in Self.slotBytes {
      let cut = BatchCut(batchSize: batchSize, slotBytes: bytes, workers: workers)
      let rounds = (cut.chunks + workers - 1) / workers
      let fairShare = (batchSize + workers - 1) / workers
      #expect(rounds * cut.chunkSize < 2 * fairShare)
    }
  }
}
