import ConvoyNeuralNetwork
import ConvoyTestSupport
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
        let passes = (0..<cut.chunks).flatMap { chunk in
          cut.sumsGroupsApart
            ? [cut.chunk(chunk, of: samples)]
            : cut.groups(ofChunk: chunk, of: samples).map { cut.group($0, of: samples) }
        }
        #expect(groups.flatMap(Array.init) == Array(0..<samples))
        #expect(passes.flatMap(Array.init) == Array(0..<samples))
        #expect(groups.allSatisfy { $0.count <= cut.groupSize })
        #expect(passes.allSatisfy { $0.count <= cut.passSize })
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
      let share =
        cut.pairsAWorker > 0
        ? 2 * cut.pairsAWorker * cut.groupSize
        : (cut.chunks + workers - 1) / workers * cut.passSize
      let fairShare = (batchSize + workers - 1) / workers
      #expect(share < 2 * fairShare)
    }
  }

  /// Whatever the order of chunks and whoever runs them, each pair's slot ends with the pair's sum.
  @Test(arguments: [1, 2, 3, 5], [16, 64, 128, 192, 240, 250, 256])
  func pairsEndInOneSlot(workers: Int, batchSize: Int) {
    let cut = BatchCut(batchSize: batchSize, slotBytes: 1 << 20, workers: workers)
    for samples in 1...batchSize {
      var random = SeededGenerator(seed: UInt64(samples))
      // By slot: the groups in it, and those that have been added to it.
      var slots = Array(repeating: [Int](), count: cut.slots)
      func leave(_ groups: [Int], in slot: GradientSlot) {
        slots[slot.index] = groups
        if let sum = slot.sum { slots[sum] += slots[slot.index] }
      }
      for chunk in (0..<cut.chunks).shuffled(using: &random) {
        let worker = Int.random(in: 0..<workers, using: &random)
        for group in cut.groups(ofChunk: chunk, of: samples) {
          leave([group], in: cut.slot(ofGroup: group, by: worker))
        }
      }
      for pair in 0..<cut.splitPairs {
        if let slot = cut.splitPair(pair, of: samples) { leave(slots[slot.index], in: slot) }
      }
      let groups = Array(0..<cut.groups(of: samples))
      #expect(slots.prefix(cut.summedSlots(of: samples)).flatMap { $0 } == groups)
    }
  }

  /// Two workers never write the same slot in one phase.
  @Test(arguments: [2, 3, 5], [128, 192, 240, 256])
  func workersWriteSlotsOfTheirOwn(workers: Int, batchSize: Int) {
    let cut = BatchCut(batchSize: batchSize, slotBytes: 1 << 20, workers: workers)
    func written(_ chunk: Int, _ worker: Int) -> Set<Int> {
      let slots = cut.groups(ofChunk: chunk, of: batchSize).map {
        cut.slot(ofGroup: $0, by: worker)
      }
      return Set(slots.map(\.index) + slots.compactMap(\.sum))
    }
    for one in 0..<cut.chunks {
      for other in 0..<cut.chunks where one != other {
        #expect(written(one, 0).isDisjoint(with: written(other, workers - 1)))
      }
    }
  }

  /// Pairs take fewer slots, and no worker's share grows.
  @Test(arguments: 1...20, sizes) func pairsAreDealtEvenly(workers: Int, batchSize: Int) {
    let cut = BatchCut(batchSize: batchSize, slotBytes: 1 << 20, workers: workers)
    guard cut.pairsAWorker > 0 else { return }
    #expect(cut.slots < cut.groups)
    let chunks = cut.chunks / workers
    for worker in 0..<workers {
      let groups = (worker * chunks..<(worker + 1) * chunks).flatMap {
        cut.groups(ofChunk: $0, of: batchSize)
      }
      #expect(groups.count == cut.groups / workers)
    }
  }

  /// Where they would not pay: of few groups a worker, small gradients, many phases, or ranks.
  @Test func notAllGroupsArePaired() {
    func isPaired(
      _ workers: Int = 2, slotBytes: Int = 1 << 20, passPhases: Int = 1, ranks: Int = 1
    ) -> Bool {
      BatchCut(
        batchSize: 128, slotBytes: slotBytes, passPhases: passPhases, workers: workers, ranks: ranks
      ).pairsAWorker > 0
    }
    #expect(isPaired() && isPaired(1) && !isPaired(3) && !isPaired(4))
    #expect(!isPaired(slotBytes: 1 << 16) && !isPaired(passPhases: 2) && !isPaired(ranks: 2))
  }
}
