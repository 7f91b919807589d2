import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import Synchronization

/// What ranks that share a batch exchange in a step, so that each ends it with the bits of a single
/// process.
///
/// Each rank runs some groups of samples. Statistics need what all samples have measured: it is
/// gathered before they are combined. Gradients are made in parts, one for each rank:
///
/// - Groups' sums go along the tree that a single process uses. A rank sums those subtrees that are
///   its own, sends each rank its slice of the sums, and completes the tree over its own slice.
/// - A dense layer's weight gradient is a chain over the samples. A rank makes some rows of it, from
///   these inputs and all output gradients of the whole batch (Krizhevsky, 2014).
///
/// The parts are gathered together with the losses. Everything after that is done by every rank.
///
/// Messages travel while other cores compute: the samples are dealt during the sums of slots, and the
/// sums during the dense layers' gradients.
///
/// Sound to share: one chunk of a step at a time exchanges, and it alone uses the flag and the memory for
/// messages. While it deals samples, whose values it reads and writes, other chunks write disjoint
/// columns of slots; while it deals sums, which are in slots, others read samples and write blocks of the
/// gradients. When sums are completed, each chunk writes its columns of the slots. What a message brings
/// lies where only other ranks' samples and parts do. Safe to use: the trainer that owns it owns the
/// memory as well.
@safe final class RankExchange: @unchecked Sendable {
  /// Whether all ranks stop after this step; known after `gather`.
  var isStopped: Bool { stops.load(ordering: .relaxed) }

  private let stops = Atomic<Bool>(false)
  private let messages: any MessagePassing
  private let plan: NetworkPlan
  private let cut: BatchCut
  private let batch: BatchMemory
  private let gradients: UnsafeMutablePointer<Float>
  private let results: UnsafeMutablePointer<LossResult>
  private let stages: [WholeBatchStage]
  /// By rank, the blocks of whole-batch gradients that it makes.
  private let blocks: [[ParameterBlock]]
  private let flag = AlignedBuffer<Float>(count: 1)
  private let sent = StagingMemory()
  private let received = StagingMemory()

  /// Part of a message: rows of floats, which lie at the same place of the sender's and the receiver's
  /// memory.
  @safe private struct Piece {
    let start: UnsafeMutablePointer<Float>
    var rows = 1
    var step = 0
    let count: Int
  }

  /// - Parameters:
  ///   - gradients: in the layout of the parameters.
  ///   - results: by place in the batch.
  init(
    _ messages: any MessagePassing, _ plan: NetworkPlan, _ cut: BatchCut, batch: BatchMemory,
    gradients: UnsafeMutablePointer<Float>, results: UnsafeMutablePointer<LossResult>
  ) {
    self.messages = messages
    self.plan = plan
    self.cut = cut
    self.batch = batch
    unsafe self.gradients = unsafe gradients
    unsafe self.results = unsafe results
    stages = plan.wholeBatchStages
    blocks = Self.assign(
      plan.updatedBlocks.filter { plan.isOfWholeBatch(stage: $0.stage) }, to: messages.size)
  }

  /// Blocks by rank, in runs of about equal length. In a run, blocks are of neighbouring rows, which
  /// read the same inputs.
  private static func assign(_ blocks: [ParameterBlock], to ranks: Int) -> [[ParameterBlock]] {
    func row(_ block: ParameterBlock) -> Int {
      if case .weights(_, let rows) = block.part { rows.lowerBound } else { .max }
    }
    let sorted = blocks.enumerated().sorted {
      ($0.element.stage, row($0.element), $0.offset) < (
        $1.element.stage, row($1.element), $1.offset
      )
    }.map(\.element)
    let total = sorted.reduce(0) { $0 + $1.range.count }
    var assigned = [[ParameterBlock]](repeating: [], count: ranks)
    var before = 0
    for block in sorted {
      assigned[(before + block.range.count / 2) * ranks / total].append(block)
      before += block.range.count
    }
    return assigned
  }

  private var rank: Int { messages.rank }
  private var ranks: Int { messages.size }

  // MARK: Phases

  /// Gathers what all samples have measured.
  func gatherStatistics(at time: Int, samples: Int) {
    let rows = plan.measuredRows(at: time)
    gather { rank in [piece(rows, ofRank: rank, of: samples)].compactMap(\.self) }
  }

  /// Columns of slots that a chunk adds up.
  private static let columnsAPiece = 4_096

  private static func pieces(of columns: Range<Int>) -> Int {
    (columns.count + columnsAPiece - 1) / columnsAPiece
  }

  private static func piece(_ index: Int, of columns: Range<Int>) -> Range<Int> {
    let first = columns.lowerBound + index * columnsAPiece
    return first..<min(first + columnsAPiece, columns.upperBound)
  }

  private var columns: Range<Int> { 0..<batch.slotStep }

  /// Chunks of the phase that adds up this rank's slots; one more deals the samples.
  var sumPieces: Int { Self.pieces(of: columns) }

  /// Adds up columns of this rank's slots: each of its subtrees in the first slot of it.
  func sum(piece: Int, samples: Int) {
    for tree in subtrees(ofRank: rank, of: samples) where tree.count > 1 {
      plan.sumSlots(tree, step: 1, columns: Self.piece(piece, of: columns), in: batch)
    }
  }

  /// Sends each rank what its rows of whole-batch gradients need of this rank's samples.
  func dealSamples(samples: Int) {
    deal { sender, receiver in
      stages.flatMap { stage -> [Piece] in
        let blocks = blocks[receiver].filter { $0.stage == stage.stage }
        guard !blocks.isEmpty else { return [] }
        let rows = blocks.compactMap { block -> Range<Int>? in
          if case .weights(_, let rows) = block.part { rows } else { nil }
        }
        let first = rows.map(\.lowerBound).min() ?? 0
        let inputs = stage.inputs.part(first..<max(first, rows.map(\.upperBound).max() ?? 0))
        return [inputs, stage.outputGradients].compactMap {
          piece($0, ofRank: sender, of: samples)
        }
      }
    }
  }

  /// Sends each rank its slice of this rank's sums.
  func dealSums(samples: Int) {
    deal { sender, receiver in
      let slice = slice(ofRank: receiver)
      return subtrees(ofRank: sender, of: samples).map {
        unsafe Piece(start: batch.slot($0.lowerBound) + slice.lowerBound, count: slice.count)
      }
    }
  }

  /// The whole-batch gradients that this rank makes; one chunk more deals the sums.
  var gradientBlocks: Int { blocks[rank].count }

  /// Makes one of them.
  ///
  /// - Parameter plan: the worker's.
  func makeGradient(block number: Int, samples: Int, by plan: NetworkPlan) {
    let block = blocks[rank][number]
    unsafe plan.gradient(
      of: block, batch: batch, samples: samples, slots: 0,
      into: gradients + block.range.lowerBound)
  }

  /// Chunks of the phase that completes this rank's slice of the sums.
  var completedPieces: Int { Self.pieces(of: slice(ofRank: rank)) }

  /// Completes a piece of the slice.
  func complete(piece: Int, samples: Int) {
    complete(
      0..<cut.groups(of: samples), columns: Self.piece(piece, of: slice(ofRank: rank)),
      samples: samples)
  }

  /// Gathers the ranks' parts of the gradients, and the losses of all samples.
  ///
  /// - Parameter stops: whether this rank wants to stop after the step.
  func gather(samples: Int, stops: Bool) {
    var stops = stops
    unsafe flag.pointer.pointee = stops ? 1 : 0
    gather(
      { rank in
        let slice = slice(ofRank: rank)
        let places = cut.samples(ofRank: rank, of: samples)
        let numbersAResult = MemoryLayout<LossResult>.stride / MemoryLayout<Float>.stride
        let losses = unsafe UnsafeMutableRawPointer(results + places.lowerBound)
          .assumingMemoryBound(to: Float.self)
        return [
          unsafe Piece(start: flag.pointer, count: 1),
          unsafe Piece(start: losses, count: places.count * numbersAResult),
          unsafe Piece(start: batch.slot(0) + slice.lowerBound, count: slice.count),
        ]
          + blocks[rank].map {
            unsafe Piece(start: gradients + $0.range.lowerBound, count: $0.range.count)
          }
      },
      received: { _ in
        if unsafe flag.pointer.pointee != 0 { stops = true }
      })
    self.stops.store(stops, ordering: .relaxed)
  }

  /// Stops all ranks after this step, for a reason that each has found.
  func stop() { stops.store(true, ordering: .relaxed) }

  // MARK: The tree over groups

  /// The columns of the sums that a rank completes.
  private func slice(ofRank rank: Int) -> Range<Int> {
    // Kernels add eight columns at a time, and slots are as long as a multiple of 32.
    let lines = RankParts.share(of: batch.slotStep / 32, rank: rank, ranks: ranks)
    return lines.lowerBound * 32..<lines.upperBound * 32
  }

  /// The children of a node of the tree that `sumSlots` adds along.
  private static func children(of groups: Range<Int>) -> [Range<Int>] {
    let left = 1 << (Int.bitWidth - (groups.count - 1).leadingZeroBitCount - 1)
    let middle = groups.lowerBound + left
    return [groups.lowerBound..<middle, middle..<groups.upperBound]
  }

  /// The largest subtrees whose groups are all a rank's.
  private func subtrees(ofRank rank: Int, of samples: Int) -> [Range<Int>] {
    let own = cut.groups(ofRank: rank, of: samples)
    func subtrees(_ groups: Range<Int>) -> [Range<Int>] {
      let common = groups.clamped(to: own)
      if common.isEmpty { return [] }
      if common == groups { return [groups] }
      return Self.children(of: groups).flatMap(subtrees)
    }
    return subtrees(0..<cut.groups(of: samples))
  }

  /// Completes the sums of a node in its first slot, from those of the ranks' subtrees.
  private func complete(_ groups: Range<Int>, columns: Range<Int>, samples: Int) {
    let isOfOneRank = (0..<ranks).contains {
      groups.clamped(to: cut.groups(ofRank: $0, of: samples)) == groups
    }
    if isOfOneRank { return }
    let children = Self.children(of: groups)
    for child in children { complete(child, columns: columns, samples: samples) }
    let first = groups.lowerBound
    plan.sumSlots(first..<first + 2, step: children[0].count, columns: columns, in: batch)
  }

  // MARK: Messages

  /// Nil for a rank without samples.
  private func piece(_ rows: BatchRows, ofRank rank: Int, of samples: Int) -> Piece? {
    let places = cut.samples(ofRank: rank, of: samples)
    guard !places.isEmpty else { return nil }
    return unsafe Piece(
      start: rows.pointer(batch, sample: places.lowerBound), rows: places.count, step: rows.step,
      count: rows.columns.count)
  }

  /// Sends each rank its pieces, and receives this rank's from each.
  private func deal(_ pieces: (_ sender: Int, _ receiver: Int) -> [Piece]) {
    for distance in 1..<ranks {
      let receiver = (rank + distance) % ranks
      let sender = (rank - distance + ranks) % ranks
      let (sentPieces, receivedPieces) = (pieces(rank, receiver), pieces(sender, rank))
      let sentBytes = unsafe sent.bytes(Self.byteCount(of: sentPieces))
      let receivedBytes = unsafe received.bytes(Self.byteCount(of: receivedPieces))
      unsafe Self.pack(sentPieces, into: sentBytes)
      unsafe messages.exchange(
        UnsafeRawBufferPointer(sentBytes), to: receiver, receivedBytes, from: sender)
      unsafe Self.unpack(receivedPieces, from: UnsafeRawBufferPointer(receivedBytes))
    }
  }

  /// Gathers each rank's pieces on all ranks.
  ///
  /// - Parameter received: called when a rank's pieces have come.
  private func gather(
    _ pieces: (_ rank: Int) -> [Piece], received isReceived: (_ rank: Int) -> Void = { _ in }
  ) {
    let all = (0..<ranks).map(pieces)
    let parts = RankParts(sizes: all.map(Self.byteCount), rank: rank)
    let bytes = unsafe received.bytes(parts.byteCount)
    unsafe Self.pack(
      all[rank], into: UnsafeMutableRawBufferPointer(rebasing: bytes[parts.range(of: rank)]))
    unsafe messages.allGather(parts, in: bytes)
    for other in 0..<ranks where other != rank {
      unsafe Self.unpack(
        all[other], from: UnsafeRawBufferPointer(rebasing: bytes[parts.range(of: other)]))
      isReceived(other)
    }
  }

  private static func byteCount(of pieces: [Piece]) -> Int {
    pieces.reduce(0) { $0 + $1.rows * $1.count } * MemoryLayout<Float>.stride
  }

  private static func pack(_ pieces: [Piece], into bytes: UnsafeMutableRawBufferPointer) {
    guard var target = bytes.baseAddress else { return }
    for piece in pieces {
      let count = piece.count * MemoryLayout<Float>.stride
      for row in 0..<piece.rows {
        unsafe target.copyMemory(from: piece.start + row * piece.step, byteCount: count)
        unsafe target += count
      }
    }
  }

  private static func unpack(_ pieces: [Piece], from bytes: UnsafeRawBufferPointer) {
    guard var source = bytes.baseAddress else { return }
    for piece in pieces {
      let count = piece.count * MemoryLayout<Float>.stride
      for row in 0..<piece.rows {
        unsafe UnsafeMutableRawPointer(piece.start + row * piece.step)
          .copyMemory(from: source, byteCount: count)
        unsafe source += count
      }
    }
  }
}

/// Memory for messages, as long as the longest so far.
private final class StagingMemory {
  private var memory = AlignedBuffer<UInt8>(count: 0)

  func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
    if memory.count < count { memory = AlignedBuffer(count: count) }
    return unsafe UnsafeMutableRawBufferPointer(start: memory.pointer, count: count)
  }
}
