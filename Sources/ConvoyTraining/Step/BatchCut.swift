import ConvoyMessagePassing
import ConvoyNeuralNetwork

/// How batches are divided: into groups, whose weight gradients are summed by a fixed tree, and
/// into chunks, which workers take.
///
/// Gradients accumulate in a slot over a group's samples, in order. Groups, and so the bits of a run,
/// depend only on the network and the batch size. Chunks may depend on the number of workers. With
/// enough groups for them, a chunk is a group, a pair of them, or with one worker all, whose weight gradients
/// are computed in their backward passes; otherwise chunks are smaller, and groups are summed in a separate phase.
/// Where several ranks share a batch, each has a run of its groups; chunks are then counted within this
/// rank's.
package struct BatchCut: Sendable, Equatable {
  package let batchSize: Int
  package let groupSize: Int
  /// The most samples of a pass. A chunk is a pass for each of its groups, or one for part of a group.
  package let passSize: Int
  /// Groups whose sum ends in one slot. With 1, each group has its own.
  ///
  /// More groups per slot take less memory. One worker sums the whole batch, in one chunk. Several workers
  /// have pairs, a chunk each; but each worker's last pair is two chunks with a slot each, so that an idle
  /// worker can take one; a later phase adds them. The first addition of a group finds both slots in the
  /// cache; larger sums come from further away.
  package let groupsPerSlot: Int
  private let workers: Int
  package let rank: Int
  package let ranks: Int

  /// 16 groups for a batch of up to 128, then groups of 8 up to 256, then 32 groups. If a group's
  /// gradients exceed the second cache, each group must reload the weights from a more distant one: then
  /// 8 groups up to a batch of 64, and as above beyond. If they exceed it sixteen times, 8 groups up to a
  /// batch of 128, then groups of 16.
  ///
  /// - Parameters:
  ///   - slotBytes: the size of a group's gradient slot.
  ///   - passPhases: phases in which chunks run. At the end of each, workers wait for the last chunk, so
  ///     that larger ones do not pay where there are many.
  ///   - workers: the most that run at the same time.
  package init(
    batchSize: Int, slotBytes: Int = 0, passPhases: Int = 1, workers: Int = 1, rank: Int = 0,
    ranks: Int = 1
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
    passSize =
      rounds * groupSize >= Self.costOfSmallChunks * fairShare
      ? min(groupSize, fairShare) : groupSize
    let groups = size(groupSize)
    self.workers = workers
    // Ranks address slots by group, and small slots all fit in the cache. Pairs pay where workers get equal
    // numbers of them, enough to save slots (groups / 2 + 2 × workers < groups), and wait for each other once.
    let isLarge = ranks == 1 && groups * slotBytes > cache
    let isPaired =
      passPhases == 1 && groups > 4 * workers && groups.isMultiple(of: 2 * workers)
    groupsPerSlot = !isLarge ? 1 : workers == 1 ? groups : isPaired ? 2 : 1
  }

  /// Small chunks take about half as much time again, measured on two cores: weights are reused for
  /// fewer samples, and what the sums read has left the cache. So they must at least halve the
  /// longest worker's share.
  private static let costOfSmallChunks = 2

  /// Whether groups are summed in a separate phase.
  package var sumsGroupsApart: Bool { passSize < groupSize }

  /// Pairs that are two chunks: the last of each worker.
  package var splitPairs: Int { groupsPerSlot > 1 && workers > 1 ? workers : 0 }
  private var pairsAWorker: Int { groups / (2 * workers) }

  package var groups: Int { groups(of: batchSize) }
  /// The most groups of a rank.
  package var ownGroups: Int { Self.pieces(of: groups, size: ranks) }
  /// The most chunks of a rank.
  package var chunks: Int {
    groupsPerSlot > 1
      ? summedSlots(of: batchSize) + splitPairs
      : Self.pieces(of: min(batchSize, ownGroups * groupSize), size: passSize)
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

  /// The samples of a chunk, where groups are summed apart.
  package func chunk(_ index: Int, of samples: Int) -> Range<Int> {
    let own = self.samples(ofRank: rank, of: samples)
    let piece = Self.piece(index, of: own.count, size: passSize)
    return own.lowerBound + piece.lowerBound..<own.lowerBound + piece.upperBound
  }

  /// The groups of a chunk, where they are not summed apart.
  package func groups(ofChunk index: Int, of samples: Int) -> Range<Int> {
    let own = groups(ofRank: rank, of: samples)
    if splitPairs == 0 {
      let first = own.lowerBound + index * groupsPerSlot
      return (first..<first + groupsPerSlot).clamped(to: own)
    }
    let (owner, chunk) = index.quotientAndRemainder(dividingBy: pairsAWorker + 1)
    let first = 2 * owner * pairsAWorker + min(2 * chunk, 2 * pairsAWorker - 1)
    return (first..<first + (chunk < pairsAWorker - 1 ? 2 : 1)).clamped(to: own)
  }

  /// Where a worker leaves the gradients of a group, and what it adds them to.
  ///
  /// Pairwise summation with a binary counter: after k groups, a stack of slots holds the sum of 2ⁿ groups
  /// for each bit n of k, the largest at the bottom. Group k goes on top, and is added down once for each
  /// trailing one of k. The batch's last group is added to all.
  package func slot(ofGroup group: Int, of samples: Int, by worker: Int) -> GradientSlot {
    precondition(
      worker < workers || groupsPerSlot == 1, "the cut has slots for this worker")
    let (sum, place) = group.quotientAndRemainder(dividingBy: groupsPerSlot)
    if place == 0 { return GradientSlot(sum) }
    if splitPairs > 0, (sum + 1).isMultiple(of: pairsAWorker) {
      return GradientSlot(splitSlot(sum / pairsAWorker))
    }
    let height = place.nonzeroBitCount
    let first = summedSlots(of: batchSize) + splitPairs + worker * slotsAWorker
    return GradientSlot(
      first + height - 1, addedTo: sum + height - 1,
      additions: group == groups(of: samples) - 1 ? height : (~place).trailingZeroBitCount)
  }

  /// Slots above the lowest of a worker's stack: the most bits of a number below `groupsPerSlot`.
  private var slotsAWorker: Int { Int.bitWidth - 1 - groupsPerSlot.leadingZeroBitCount }
  private func splitSlot(_ index: Int) -> Int { summedSlots(of: batchSize) + index }

  /// The second slot of a split pair, to be added to the first; nil if there is nothing in it.
  package func splitPair(_ index: Int, of samples: Int) -> GradientSlot? {
    let pair = (index + 1) * pairsAWorker - 1
    return 2 * pair + 1 < groups(of: samples)
      ? GradientSlot(splitSlot(index), addedTo: pair, additions: 1) : nil
  }

  /// The leading slots, which hold a batch's sums after its passes.
  package func summedSlots(of samples: Int) -> Int {
    Self.pieces(of: groups(of: samples), size: groupsPerSlot)
  }

  /// All slots: of sums, of the second groups of split pairs, and of each worker.
  package var slots: Int { summedSlots(of: batchSize) + splitPairs + workers * slotsAWorker }

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
      passPhases: plan.passPhases, workers: workers, rank: rank, ranks: ranks)
    self.plan = cut.sumsGroupsApart ? plan.summingGroupsApart() : plan
  }

  var batchBytes: Double { plan.batchMemoryBytes(samples: cut.batchSize, slots: cut.slots) }

  /// Of all workers: each may take a chunk at some time.
  var workerBytes: Double {
    plan.workerMemoryBytes(samples: cut.passSize) * Double(workers)
  }

  func makeBatchMemory() -> BatchMemory {
    BatchMemory(plan, samples: cut.batchSize, slots: cut.slots)
  }
}
