import ConvoyTraining
import Testing

@Suite struct ShardCutTests {
  @Test(arguments: Array(1...70) + [100, 128, 255, 256, 257, 1000, 4096])
  func coversEveryBatchOnceInOrder(batchSize: Int) {
    let cut = ShardCut(batchSize: batchSize)
    #expect(cut.shards <= 32)
    // Enough for a good many cores, where there are as many samples.
    #expect(cut.shards >= min(batchSize, 9))
    // The last batch of an epoch may be short, and has room in what a whole one takes.
    for samples in Set([1, batchSize / 2, batchSize - 1, batchSize]) where samples > 0 {
      let shards = cut.shards(of: samples)
      let ranges = (0..<shards).map { cut.range($0, of: samples) }
      #expect(ranges.flatMap(Array.init) == Array(0..<samples))
      #expect(ranges.allSatisfy { !$0.isEmpty && $0.count <= cut.shardSize })
      #expect(shards <= cut.shards)
      #expect(cut.range(shards, of: samples).isEmpty)
    }
  }
}
