import ConvoyMessagePassing
import ConvoyNeuralNetwork

/// How batches are divided: into groups, whose weight gradients are summed by a fixed tree, and
/// into chunks, which workers take.
///
/// A group owns a slot, in which gradients accumulate over its samples in order. Groups, and so the
/// bits of a run, depend only on the network and the batch size. Chunks may depend on the number of
/// workers. With enough groups for them, a chunk is a group, whose weight gradients are computed in
/// its backward pass; otherwise chunks are smaller, and groups are summed in a separate phase. Where
/// several ranks share a batch, each has a run of its groups; groups and chunks are then counted
/// within this rank's.
package struct BatchCut: Sendable, Equatable {
  package let batchSize: Int
  package let groupSize: Int
  package let chunkSize: Int
  package let rank: Int
  package let ranks: Int

  /// 16 groups for a batch of up to 128, then groups of 8 up to 256, then 32 groups. If a group's
  /// gradients exceed the second cache, each group must reload the weights from a more distant one: then
  /// 8 groups up to a batch of 64, and as above beyond. If they exceed it sixteen times, 8 groups up to a
  /// batch of 128, then groups of 16.
  ///
  /// - Parameters:
  ///   - slotBytes: the size of a group's gradient slot.
  ///   - workers: the most that run at the same time.
  package init(
    batchSize: Int, slotBytes: Int = 0, workers: Int = 1, rank: Int = 0, ranks: Int = 1
  ) {
    precondition(batchSize >= 1 && workers >= 1, "a batch has samples, and a team workers")
    self.batchSize = batchSize
    (self.rank, self.ranks) = (rank, ranks)
    func size(_ pieces: Int) -> Int { (batchSize + pieces - 1) / pieces }
    let cache = NetworkPlan.secondCacheBytes
    groupSize = max(
      size(32), min(slotBytes > 16 * cache ? 16 : 8, size(slotBytes > cache ? 8 : 16)))
    let rounds = ((size(groupSize) + ranks - 1) / ranks + workers - 1) / workers
    let fairShare = size(workers * ranks)
    chunkSize =
      rounds * groupSize >= Self.costOfSmallChunks * fairShare
      ? min(groupSize, fairShare) : groupSize
  }

  /// Small chunks take about half as much time again, measured on two cores: weights are reused for
  /// fewer samples, and what the sums read has left the cache. So they must at least halve the
  /// longest worker's share.
  private static let costOfSmallChunks = 2

  /// Whether groups are summed in a separate phase.
  package var sumsGroupsApart: Bool { chunkSize < groupSize }

  package var groups: Int { groups(of: batchSize) }
  /// The most groups of a rank.
  package var ownGroups: Int { Self.pieces(of: groups, size: ranks) }
  /// The most chunks of a rank.
  package var chunks: Int {
    Self.pieces(of: min(batchSize, ownGroups * groupSize), size: chunkSize)
  }

  /// Groups of a batch that may be smaller than a full one, such as the last of an epoch: at most
  /// `groups`.
  package func groups(of samples: Int) -> Int { Self.pieces(of: samples, size: groupSize) }

  /// The samples of a group, counted within the batch; none past the last group.
  package func group(_ index: Int, of samples: Int) -> Range<Int> {
    Self.piece(index, of: samples, size: groupSize)
  }

  /// A rank's groups of a batch.
  package func groups(ofRank rank: Int, of samples: Int) -> Range<Int> {
    RankParts.share(of: groups(of: samples), rank: rank, ranks: ranks)
  }

  /// A rank's samples of a batch.
  package func samples(ofRank rank: Int, of samples: Int) -> Range<Int> {
    let groups = groups(ofRank: rank, of: samples)
    let first = min(groups.lowerBound * groupSize, samples)
    return first..<max(first, min(groups.upperBound * groupSize, samples))
  }

  /// The samples of a chunk.
  package func chunk(_ index: Int, of samples: Int) -> Range<Int> {
    let own = self.samples(ofRank: rank, of: samples)
    let piece = Self.piece(index, of: own.count, size: chunkSize)
    return own.lowerBound + piece.lowerBound..<own.lowerBound + piece.upperBound
  }

  private static func pieces(of samples: Int, size: Int) -> Int {
    (samples + size - 1) / size
  }

  private static func piece(_ index: Int, of samples: Int, size: Int) -> Range<Int> {
    let start = min(index * size, samples)
    return start..<min(start + size, samples)
  }
}

/// A plan and the division of its batches, with the memory that training on them takes.
struct BatchWork {
  let plan: NetworkPlan
  let cut: BatchCut
  /// The most that can run at the same time.
  let workers: Int

  /// - Parameters:
  ///   - cores: the cores available to the process.
  ///   - rank: of this process, among `ranks` that share a batch.
  init(
    _ plan: NetworkPlan, _ configuration: TrainingConfiguration, images: Int, cores: Int,
    rank: Int = 0, ranks: Int = 1
  ) {
    workers = min(configuration.threads, cores)
    cut = BatchCut(
      batchSize: min(configuration.batchSize, max(1, images)), slotBytes: plan.slotBytes,
      workers: workers, rank: rank, ranks: ranks)
    self.plan = cut.sumsGroupsApart ? plan.summingGroupsApart() : plan
  }

  var batchBytes: Double { plan.batchMemoryBytes(samples: cut.batchSize, slots: cut.groups) }

  /// Of all workers: each may take a chunk at some time.
  var workerBytes: Double {
    plan.workerMemoryBytes(samples: cut.chunkSize) * Double(workers)
  }

  func makeBatchMemory() -> BatchMemory {
    BatchMemory(plan, samples: cut.batchSize, slots: cut.groups)
  }
}
