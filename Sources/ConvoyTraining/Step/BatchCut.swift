import ConvoyMessagePassing
import ConvoyNeuralNetwork

/// How batches are divided: into groups, whose weight gradients are summed by a fixed tree, and
/// into chunks, which workers take.
///
/// Gradients accumulate in a slot over a group's samples, in order. Groups, and so the bits of a run,
/// depend only on the network and the batch size. Chunks may depend on the number of workers. With
/// enough groups for them, a chunk is a group or a pair of them, whose weight gradients are computed
/// in their backward passes; otherwise chunks are smaller, and groups are summed in a separate phase.
/// Where several ranks share a batch, each has a run of its groups; chunks are then counted within this
/// rank's.
package struct BatchCut: Sendable, Equatable {
  package let batchSize: Int
  package let groupSize: Int
  /// The most samples of a pass. A chunk is one pass; a pair of groups that is not split is two.
  package let passSize: Int
  /// Pairs of groups dealt to each worker; 0 where each group keeps a slot of its own.
  ///
  /// The second group of a pair is summed in a slot of its worker's and added to the first, as the
  /// tree would, while both are in the cache. That spares memory, and reading it later. A worker's last
  /// pair is two chunks with a slot each, so that another worker, if there is one, can take one of
  /// them; they are added in a phase of their own.
  package let pairsAWorker: Int
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
    // Where it pays: the slots of all groups exceed the second cache; workers get equal numbers of
    // pairs, enough of them to spare slots (groups / 2 + 2 × workers < groups); and chunks run in one
    // phase. Ranks address slots by group.
    let isPaired =
      ranks == 1 && passPhases == 1 && groups * slotBytes > cache
      && groups.isMultiple(of: 2 * workers) && groups > 4 * workers
    pairsAWorker = isPaired ? groups / (2 * workers) : 0
  }

  /// Small chunks take about half as much time again, measured on two cores: weights are reused for
  /// fewer samples, and what the sums read has left the cache. So they must at least halve the
  /// longest worker's share.
  private static let costOfSmallChunks = 2

  /// Whether groups are summed in a separate phase.
  package var sumsGroupsApart: Bool { passSize < groupSize }

  private var isPaired: Bool { pairsAWorker > 0 }
  /// Pairs that are two chunks: the last of each worker.
  package var splitPairs: Int { isPaired && workers > 1 ? workers : 0 }

  package var groups: Int { groups(of: batchSize) }
  /// The most groups of a rank.
  package var ownGroups: Int { Self.pieces(of: groups, size: ranks) }
  /// The most chunks of a rank.
  package var chunks: Int {
    isPaired
      ? groups / 2 + splitPairs
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
    guard isPaired else {
      let group = own.lowerBound + index
      return (group..<group + 1).clamped(to: own)
    }
    if splitPairs == 0 { return (2 * index..<2 * index + 2).clamped(to: own) }
    let (owner, chunk) = index.quotientAndRemainder(dividingBy: pairsAWorker + 1)
    let first = 2 * owner * pairsAWorker + min(2 * chunk, 2 * pairsAWorker - 1)
    return (first..<first + (chunk < pairsAWorker - 1 ? 2 : 1)).clamped(to: own)
  }

  /// Where a worker leaves the gradients of a group.
  package func slot(ofGroup group: Int, by worker: Int) -> GradientSlot {
    precondition(worker < workers || !isPaired, "the cut has a slot for this worker")
    if !isPaired { return GradientSlot(group) }
    let (pair, place) = group.quotientAndRemainder(dividingBy: 2)
    if place == 0 { return GradientSlot(pair) }
    return splitPairs > 0 && (pair + 1).isMultiple(of: pairsAWorker)
      ? GradientSlot(splitSlot(pair / pairsAWorker))
      : GradientSlot(groups / 2 + splitPairs + worker, addedTo: pair)
  }

  private func splitSlot(_ index: Int) -> Int { groups / 2 + index }

  /// The second slot of a split pair, to be added to the first; nil if there is nothing in it.
  package func splitPair(_ index: Int, of samples: Int) -> GradientSlot? {
    let pair = (index + 1) * pairsAWorker - 1
    return 2 * pair + 1 < groups(of: samples)
      ? GradientSlot(splitSlot(index), addedTo: pair) : nil
  }

  /// The leading slots, which hold a batch's sums after its passes.
  package func summedSlots(of samples: Int) -> Int {
    Self.pieces(of: groups(of: samples), size: isPaired ? 2 : 1)
  }

  /// All slots: of pairs, of the second groups of split pairs, and one for each worker; or of groups.
  package var slots: Int { isPaired ? groups / 2 + splitPairs + workers : groups }

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
