/// How batches are cut into shards: by their size and the network's alone, never by the number of
/// threads, so that the sums over shards come out the same for any number of threads.
package struct ShardCut: Sendable, Equatable {
  package let batchSize: Int
  package let shardSize: Int

  /// Shards of up to 8 samples, 16 of them where there are as many samples, 32 at the most. Where a
  /// shard's gradients leave the second cache, weights are read from further away for every shard,
  /// and 8 shards are enough.
  ///
  /// - Parameter slotBytes: the memory of a shard's gradients.
  package init(batchSize: Int, slotBytes: Int = 0) {
    precondition(batchSize >= 1, "a batch has samples")
    self.batchSize = batchSize
    func size(_ shards: Int) -> Int { (batchSize + shards - 1) / shards }
    shardSize = max(size(32), min(8, size(slotBytes > 1 << 20 ? 8 : 16)))
  }

  /// Shards of a whole batch.
  package var shards: Int { shards(of: batchSize) }

  /// Shards of a batch that may be short of samples, as the last of an epoch: no more than a whole
  /// one has.
  package func shards(of samples: Int) -> Int { (samples + shardSize - 1) / shardSize }

  /// The samples of a shard, counted within the batch; none past the last shard.
  package func range(_ shard: Int, of samples: Int) -> Range<Int> {
    let start = min(shard * shardSize, samples)
    return start..<min(start + shardSize, samples)
  }
}
