/// How a batch is cut into shards: by the batch alone, never by the number of threads, so that the
/// sums over shards come out the same for any number of threads.
package struct ShardCut: Sendable, Equatable {
  package let samples: Int
  package let shardSize: Int

  /// Shards of up to 8 samples, 16 of them at least where there are as many samples, 32 at the most.
  package init(samples: Int) {
    precondition(samples >= 1, "a batch has samples")
    self.samples = samples
    func size(_ shards: Int) -> Int { (samples + shards - 1) / shards }
    shardSize = max(size(32), min(8, size(16)))
  }

  package var shards: Int { (samples + shardSize - 1) / shardSize }

  package func range(_ shard: Int) -> Range<Int> {
    let start = min(shard * shardSize, samples)
    return start..<min(start + shardSize, samples)
  }
}
