import ConvoyNeuralNetwork

/// How batches are cut: into groups, whose weight gradients are summed by a fixed tree, and into chunks,
/// which are what a worker takes.
///
/// A group owns a slot of gradients, which is one chain over its samples in order. Groups are decided by
/// the batch's size and the network's alone, and so are the bits of a run. Chunks may follow the number of
/// workers: where there are enough groups for them, a chunk is a group, whose weight gradients are made on
/// the way backward; otherwise chunks are smaller, and groups are summed in a phase of their own.
package struct BatchCut: Sendable, Equatable {
  package let batchSize: Int
  package let groupSize: Int
  package let chunkSize: Int

  /// 16 groups up to a batch of 128, then groups of 8 up to 256, then 32 groups. Where a group's gradients
  /// leave the second cache, weights are read from further away for every group: 8 groups up to a batch of
  /// 64, then as above.
  ///
  /// - Parameters:
  ///   - slotBytes: the memory of a group's gradients.
  ///   - workers: that can run at the same time.
  package init(batchSize: Int, slotBytes: Int = 0, workers: Int = 1) {
    precondition(batchSize >= 1 && workers >= 1, "a batch has samples, and a team workers")
    self.batchSize = batchSize
    func size(_ pieces: Int) -> Int { (batchSize + pieces - 1) / pieces }
    groupSize = max(size(32), min(8, size(slotBytes > 1 << 20 ? 8 : 16)))
    let rounds = (size(groupSize) + workers - 1) / workers
    let fairShare = size(workers)
    chunkSize =
      rounds * groupSize >= Self.costOfSmallChunks * fairShare
      ? min(groupSize, fairShare) : groupSize
  }

  /// Small chunks take about half as much time again, measured on two cores: weights are read for fewer
  /// samples, and what the sums read has left the cache. So they must halve the longest worker's share.
  private static let costOfSmallChunks = 2

  /// Whether groups are summed in a phase of their own.
  package var sumsGroupsApart: Bool { chunkSize < groupSize }

  package var groups: Int { groups(of: batchSize) }
  package var chunks: Int { Self.pieces(of: batchSize, groupSize: chunkSize) }

  /// Groups of a batch that may be short of samples, as the last of an epoch: no more than a whole one
  /// has.
  package func groups(of samples: Int) -> Int { Self.pieces(of: samples, groupSize: groupSize) }

  /// The samples of a group, counted within the batch; none past the last group.
  package func group(_ index: Int, of samples: Int) -> Range<Int> {
    Self.piece(index, of: samples, size: groupSize)
  }

  /// The samples of a chunk.
  package func chunk(_ index: Int, of samples: Int) -> Range<Int> {
    Self.piece(index, of: samples, size: chunkSize)
  }

  private static func pieces(of samples: Int, groupSize: Int) -> Int {
    (samples + groupSize - 1) / groupSize
  }

  private static func piece(_ index: Int, of samples: Int, size: Int) -> Range<Int> {
    let start = min(index * size, samples)
    return start..<min(start + size, samples)
  }
}

/// A plan and a cut of its batches that fit each other: what a trainer works by, and how much memory that
/// takes.
struct BatchWork {
  let plan: NetworkPlan
  let cut: BatchCut
  /// The most that can run at the same time.
  let workers: Int

  /// - Parameter cores: that the process may use.
  init(_ plan: NetworkPlan, _ configuration: TrainingConfiguration, images: Int, cores: Int) {
    workers = min(configuration.threads, cores)
    cut = BatchCut(
      batchSize: min(configuration.batchSize, max(1, images)), slotBytes: plan.slotBytes,
      workers: workers)
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
