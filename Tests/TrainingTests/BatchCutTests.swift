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
        cut.groupsPerSlot > 1
        ? cut.groups / workers * cut.groupSize
        : (cut.chunks + workers - 1) / workers * cut.passSize
      let fairShare = (batchSize + workers - 1) / workers
      #expect(share < 2 * fairShare)
    }
  }

  /// Whatever the order of chunks and whoever runs them, groups are summed by the tree of a batch in which
  /// each has a slot.
  @Test(arguments: [1, 2, 3, 5], [16, 36, 64, 88, 128, 192, 240, 250, 256])
  func sumsAreThoseOfTheTree(workers: Int, batchSize: Int) {
    let cut = BatchCut(batchSize: batchSize, slotBytes: 1 << 20, workers: workers)
    for samples in 1...batchSize {
      var random = SeededGenerator(seed: UInt64(samples))
      var slots = Array(repeating: "?", count: cut.slots)
      func add(_ slot: GradientSlot) {
        for number in 0..<slot.additions {
          let (from, to) = (slot.index - number, slot.sum - number)
          slots[to] = "(\(slots[to]) + \(slots[from]))"
        }
      }
      for chunk in (0..<cut.chunks).shuffled(using: &random) {
        let worker = Int.random(in: 0..<workers, using: &random)
        for group in cut.groups(ofChunk: chunk, of: samples) {
          let slot = cut.slot(ofGroup: group, of: samples, by: worker)
          slots[slot.index] = "\(group)"
          add(slot)
        }
      }
      for pair in 0..<cut.splitPairs {
        if let slot = cut.splitPair(pair, of: samples) { add(slot) }
      }
      let groups = (0..<cut.groups(of: samples)).map { "\($0)" }
      #expect(Self.tree(slots.prefix(cut.summedSlots(of: samples))) == Self.tree(groups[...]))
    }
  }

  /// Split at the largest power of two below the number of terms.
  private static func tree(_ terms: ArraySlice<String>) -> String {
    guard terms.count > 1 else { return terms.first ?? "" }
    var half = 1
    while 2 * half < terms.count { half *= 2 }
    return "(\(tree(terms.prefix(half))) + \(tree(terms.dropFirst(half))))"
  }

  /// Two workers never write the same slot in one phase.
  @Test(arguments: [2, 3, 5], [128, 192, 240, 256])
  func workersWriteSlotsOfTheirOwn(workers: Int, batchSize: Int) {
    let cut = BatchCut(batchSize: batchSize, slotBytes: 1 << 20, workers: workers)
    func written(_ chunk: Int, _ worker: Int) -> Set<Int> {
      let slots = cut.groups(ofChunk: chunk, of: batchSize).map {
        cut.slot(ofGroup: $0, of: batchSize, by: worker)
      }
      return Set(
        slots.flatMap { slot in [slot.index] + (0..<slot.additions).map { slot.sum - $0 } })
    }
    for one in 0..<cut.chunks {
      for other in 0..<cut.chunks where one != other {
        #expect(written(one, 0).isDisjoint(with: written(other, workers - 1)))
      }
    }
  }

  /// Sums take fewer slots, and no worker's share grows.
  @Test(arguments: 1...20, sizes) func sumsAreDealtEvenly(workers: Int, batchSize: Int) {
    let cut = BatchCut(batchSize: batchSize, slotBytes: 1 << 20, workers: workers)
    guard cut.groupsPerSlot > 1, cut.groups > 3 else { return }
    #expect(cut.slots < cut.groups)
    let chunks = cut.chunks / workers
    for worker in 0..<workers {
      let groups = (worker * chunks..<(worker + 1) * chunks).flatMap {
        cut.groups(ofChunk: $0, of: batchSize)
      }
      #expect(groups.count == cut.groups / workers)
    }
  }

  /// One worker has a slot for each bit of the number of groups; two have pairs, a slot each for one of the
  /// last, and one of their own.
  @Test func sumsTakeFewSlots() {
    func slots(_ workers: Int, batchSize: Int) -> Int {
      BatchCut(batchSize: batchSize, slotBytes: 1 << 20, workers: workers).slots
    }
    #expect([100, 128, 256].map { slots(1, batchSize: $0) } == [4, 5, 6])
    #expect([128, 256].map { slots(2, batchSize: $0) } == [12, 20])
  }

  /// Pairs do not pay with few groups a worker, and with many phases; no sums do of small gradients. Ranks
  /// have none.
  @Test func notAllGroupsShareSlots() {
    func groups(
      _ workers: Int = 2, slotBytes: Int = 1 << 20, passPhases: Int = 1, ranks: Int = 1
    ) -> Int {
      BatchCut(
        batchSize: 128, slotBytes: slotBytes, passPhases: passPhases, workers: workers, ranks: ranks
      ).groupsPerSlot
    }
    #expect((1...4).map { groups($0) } == [16, 2, 1, 1])
    #expect((1...2).map { groups($0, passPhases: 2) } == [16, 1])
    #expect((1...2).map { groups($0, slotBytes: 1 << 16) } == [1, 1])
    #expect((1...2).map { groups($0, ranks: 2) } == [1, 1])
  }
}
