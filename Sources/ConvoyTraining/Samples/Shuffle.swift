import ConvoyKeyedRandom

/// The order in which an epoch takes the images: each once.
public enum Shuffle: String, Sendable, CaseIterable, Codable {
  /// A new random order each epoch.
  case on
  /// The order of the data set.
  case off
  /// A new order each epoch that is random in parts, for files larger than the memory; see
  /// `BlockShuffle`.
  case blocks

  /// - Parameter imageSize: in bytes.
  func order(images count: Int, imageSize: Int, seed: UInt64, epoch: Int) -> [Int] {
    switch self {
    case .on:
      KeyedRandom(seed: seed, purpose: .shuffling, epoch).permutation(of: count)
    case .off: Array(0..<count)
    case .blocks: BlockShuffle(images: count, imageSize: imageSize).order(seed: seed, epoch: epoch)
    }
  }
}

/// A random order that reads long stretches of a file.
///
/// The images are divided into blocks of consecutive ones, of 256 KiB. An epoch takes the blocks in
/// a new random order, and a window of 512 of them at a time: 128 MiB, whose images are shuffled
/// together. So each image comes once in an epoch; a batch is a random sample of a window, or of
/// two where it spans their border; and no more than two windows need to be in memory, the current
/// one and the next. With up to 512 blocks, the order is random as a whole.
///
/// Sizes depend on the images alone, so that the order does too, beside seed and epoch: it is the
/// same on any machine and with any number of threads.
package struct BlockShuffle: Sendable, Equatable {
  package let count: Int
  /// The images of a block; the last one may have fewer.
  package let blockSize: Int
  /// The blocks of a window; the last one may have fewer.
  package let windowBlocks: Int

  /// - Parameter imageSize: in bytes.
  package init(images count: Int, imageSize: Int) {
    self.init(images: count, blockSize: max(1, (256 << 10) / imageSize), windowBlocks: 512)
  }

  package init(images count: Int, blockSize: Int, windowBlocks: Int) {
    precondition(blockSize >= 1 && windowBlocks >= 1, "A block has images, and a window blocks.")
    self.count = count
    self.blockSize = blockSize
    self.windowBlocks = windowBlocks
  }

  package var blocks: Int { (count + blockSize - 1) / blockSize }

  package func images(ofBlock block: Int) -> Range<Int> {
    block * blockSize..<min(count, (block + 1) * blockSize)
  }

  /// The blocks of an epoch in its order.
  package func blockOrder(seed: UInt64, epoch: Int) -> [Int] {
    KeyedRandom(seed: seed, purpose: .shuffling, epoch).permutation(of: blocks)
  }

  /// The images of an epoch in its order.
  package func order(seed: UInt64, epoch: Int) -> [Int] {
    let blockOrder = blockOrder(seed: seed, epoch: epoch)
    var order: [Int] = []
    order.reserveCapacity(count)
    for first in stride(from: 0, to: blocks, by: windowBlocks) {
      let window = blockOrder[first..<min(blocks, first + windowBlocks)].flatMap(images)
      let random = KeyedRandom(
        seed: seed, purpose: .shuffling, epoch, 1 + first / windowBlocks)
      order += random.permutation(of: window.count).map { window[$0] }
    }
    return order
  }
}

/// Has the images of an epoch read from a mapped file before they are used, where they are not in its
/// order: blocks a window before, and images a step before. Gives the memory of blocks back a window
/// after.
struct ReadAhead: Sendable {
  private let store: SampleStore
  /// Nil where images are in random order as a whole.
  private let blocks: (shuffle: BlockShuffle, order: [Int])?
  /// Whether a sample is mixed with another of the batch, which may be of another rank's part.
  private let isMixed: Bool

  /// Nil for images in memory, in the file's order, or in random order where all have room.
  ///
  /// - Parameter done: the images of the epoch that are done: those of an interrupted run.
  init?(
    _ store: SampleStore, _ shuffle: Shuffle, seed: UInt64, epoch: Int, after done: Int,
    isMixed: Bool
  ) {
    guard store.isMapped, shuffle == .blocks || shuffle == .on && !store.hasRoom else { return nil }
    self.store = store
    self.isMixed = isMixed
    store.readOnlyAsAsked()
    guard shuffle == .blocks else {
      blocks = nil
      return
    }
    let shuffle = BlockShuffle(images: store.count, imageSize: store.imageSize)
    let order = shuffle.blockOrder(seed: seed, epoch: epoch)
    blocks = (shuffle, order)
    let window = shuffle.windowBlocks
    let block = done / shuffle.blockSize
    for block in order[
      min(order.count, block / window * window)..<min(order.count, block + window)]
    {
      store.willNeed(shuffle.images(ofBlock: block))
    }
  }

  /// Called for each step, with the places of its samples in the order of the epoch.
  func advance(over samples: Range<Int>, of order: UnsafeBufferPointer<Int>, _ cut: BatchCut) {
    // A block that was in memory when it was asked for may have made room for others since then.
    for place in Self.next(after: samples, of: order.count, cut, isMixed: isMixed) {
      // Sound: the places end with the order.
      let image = unsafe order[place]
      store.willNeed(image..<image + 1)
    }
    if let blocks { advance(over: samples, blocks.shuffle, blocks.order) }
  }

  /// This rank's samples of the next step, as places in the order of the epoch.
  static func next(
    after samples: Range<Int>, of count: Int, _ cut: BatchCut, isMixed: Bool
  ) -> Range<Int> {
    let (start, batch) = (samples.upperBound, min(cut.batchSize, count - samples.upperBound))
    let own = isMixed ? 0..<batch : cut.samples(ofRank: cut.rank, of: batch)
    return start + own.lowerBound..<start + own.upperBound
  }

  private func advance(over samples: Range<Int>, _ shuffle: BlockShuffle, _ order: [Int]) {
    for place in samples.lowerBound / shuffle.blockSize..<samples.upperBound / shuffle.blockSize {
      let (ahead, behind) = (place + shuffle.windowBlocks, place - shuffle.windowBlocks)
      if ahead < order.count { store.willNeed(shuffle.images(ofBlock: order[ahead])) }
      // Of the window before, or of an earlier one.
      if behind >= 0, behind < order.count {
        store.isDone(with: shuffle.images(ofBlock: order[behind]))
      }
    }
  }
}
