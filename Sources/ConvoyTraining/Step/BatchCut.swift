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
  /// The most samples of a pass. A chunk is a pass for each of its groups, or one for part of a group.
  package let passSize: Int
  /// Groups of a run, a power of two: where each group keeps a slot of its own, 1.
  ///
  /// The first group of a run is summed in the run's slot; the others in slots of their worker's, and
  /// added to earlier ones, as the tree would, while both are in the cache. That spares memory, and
  /// reading it later. One worker's batch is one run, and a chunk. Several workers have pairs, each a
  /// chunk; but the last of each is two chunks with a slot each, so that another can take one of them;
  /// they are added in a phase of their own.
  package let runLength: Int
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
    let hasRuns =
      ranks == 1 && passPhases == 1 && groups * slotBytes > cache && groups > 4 * workers
      && (workers == 1 || groups.isMultiple(of: 2 * workers))
    runLength = hasRuns ? workers == 1 ? 1 << Self.bits(groups - 1) : 2 : 1
  }

  /// Bits of a number without leading zeros.
  private static func bits(_ number: Int) -> Int { Int.bitWidth - number.leadingZeroBitCount }

  /// Small chunks take about half as much time again, measured on two cores: weights are reused for
  /// fewer samples, and what the sums read has left the cache. So they must at least halve the
  /// longest worker's share.
  private static let costOfSmallChunks = 2

  /// Whether groups are summed in a separate phase.
  package var sumsGroupsApart: Bool { passSize < groupSize }

  private var hasRuns: Bool { runLength > 1 }
  /// Pairs that are two chunks: the last of each worker.
  package var splitPairs: Int { hasRuns && workers > 1 ? workers : 0 }
  private var pairsAWorker: Int { groups / (2 * workers) }

  package var groups: Int { groups(of: batchSize) }
  /// The most groups of a rank.
  package var ownGroups: Int { Self.pieces(of: groups, size: ranks) }
  /// The most chunks of a rank.
  package var chunks: Int {
    hasRuns
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
      let first = own.lowerBound + index * runLength
      return (first..<first + runLength).clamped(to: own)
    }
    let (owner, chunk) = index.quotientAndRemainder(dividingBy: pairsAWorker + 1)
    let first = 2 * owner * pairsAWorker + min(2 * chunk, 2 * pairsAWorker - 1)
    return (first..<first + (chunk < pairsAWorker - 1 ? 2 : 1)).clamped(to: own)
  }

  /// Where a worker leaves the gradients of a group, and what it adds them to.
  ///
  /// In a run, the slots in use are a stack of sums of 2ⁿ groups, the earliest the largest, as the ones of
  /// the binary number of groups before. Two of the same size become one; with the batch's last group,
  /// all do.
  package func slot(ofGroup group: Int, of samples: Int, by worker: Int) -> GradientSlot {
    precondition(worker < workers || !hasRuns, "the cut has slots for this worker")
    let (run, place) = group.quotientAndRemainder(dividingBy: runLength)
    if splitPairs > 0, place == 1, (run + 1).isMultiple(of: pairsAWorker) {
      return GradientSlot(splitSlot(run / pairsAWorker))
    }
    let height = place.nonzeroBitCount
    return GradientSlot(
      height: height, lowest: run,
      second: summedSlots(of: batchSize) + splitPairs + worker * slotsAWorker,
      additions: group == groups(of: samples) - 1 ? height : (~place).trailingZeroBitCount)
  }

  private var slotsAWorker: Int { Self.bits(runLength - 1) }
  private func splitSlot(_ index: Int) -> Int { summedSlots(of: batchSize) + index }

  /// The second slot of a split pair, to be added to the first; nil if there is nothing in it.
  package func splitPair(_ index: Int, of samples: Int) -> GradientSlot? {
    let pair = (index + 1) * pairsAWorker - 1
    return 2 * pair + 1 < groups(of: samples)
      ? GradientSlot(height: 1, lowest: pair, second: splitSlot(index), additions: 1) : nil
  }

  /// The leading slots, which hold a batch's sums after its passes.
  package func summedSlots(of samples: Int) -> Int {
    Self.pieces(of: groups(of: samples), size: runLength)
  }

  /// All slots: of runs, of the second groups of split pairs, and of each worker.
  package var slots: Int {
    summedSlots(of: batchSize) + splitPairs + (hasRuns ? workers * slotsAWorker : 0)
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
