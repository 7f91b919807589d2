import ConvoyNeuralNetwork
import ConvoyTestSupport
import Foundation
import Optimizers
import Testing

@testable import ConvoyDatasets
@testable import ConvoyTraining

/// Shuffles in blocks, for data larger than the memory.
@Suite struct ShuffleTests {
  private static let cases: [(images: Int, block: Int, window: Int)] = [
    (1_000, 7, 5), (96, 8, 4), (10, 16, 3), (1, 1, 1), (50, 1, 100), (65, 8, 2),
  ]

  @Test(arguments: cases)
  func everyImageComesOnce(images: Int, block: Int, window: Int) {
    let shuffle = BlockShuffle(images: images, blockSize: block, windowBlocks: window)
    for epoch in 1...3 {
      #expect(shuffle.order(seed: 4, epoch: epoch).sorted() == Array(0..<images))
      #expect(shuffle.order(seed: 4, epoch: epoch) == shuffle.order(seed: 4, epoch: epoch))
    }
    #expect(shuffle.blockOrder(seed: 4, epoch: 1).sorted() == Array(0..<shuffle.blocks))
  }

  /// A window holds whole blocks, in the blocks' order.
  @Test(arguments: cases)
  func windowsHoldWholeBlocks(images: Int, block: Int, window: Int) {
    let shuffle = BlockShuffle(images: images, blockSize: block, windowBlocks: window)
    let blocks = shuffle.blockOrder(seed: 9, epoch: 2)
    var rest = shuffle.order(seed: 9, epoch: 2)[...]
    for first in stride(from: 0, to: blocks.count, by: window) {
      let expected = blocks[first..<min(blocks.count, first + window)].flatMap(shuffle.images)
      #expect(rest.prefix(expected.count).sorted() == expected.sorted())
      rest = rest.dropFirst(expected.count)
    }
    #expect(rest.isEmpty)
  }

  /// Neither the blocks nor the images in a window keep their order, in any epoch or window alike.
  @Test func ordersAreNew() {
    let shuffle = BlockShuffle(images: 4_000, blockSize: 10, windowBlocks: 100)
    let orders = [(1, 1), (1, 2), (2, 1)].map { shuffle.order(seed: $0, epoch: $1) }
    #expect(Set(orders).count == 3)
    for order in orders {
      let windows = stride(from: 0, to: 4_000, by: 1_000).map { Array(order[$0..<$0 + 1_000]) }
      // In a random order of 1,000, images whose neighbours of a block follow are 1 in 1,000.
      for window in windows {
        #expect(zip(window, window.dropFirst()).count { $1 == $0 + 1 } < 10)
      }
    }
    // Within a window, by the places in its blocks one after another.
    let blocks = shuffle.blockOrder(seed: 1, epoch: 1)
    let permutations = (0..<4).map { window in
      let inOrder = blocks[100 * window..<100 * (window + 1)].flatMap(shuffle.images)
      return orders[0][1_000 * window..<1_000 * (window + 1)].map { inOrder.firstIndex(of: $0) }
    }
    #expect(Set(permutations).count == 4)
  }

  @Test func sizesFollowTheImagesAlone() {
    let small = BlockShuffle(images: 1_000_000, imageSize: 784)
    #expect(small.blockSize == 334 && small.windowBlocks == 512)
    #expect(BlockShuffle(images: 10, imageSize: 1 << 20).blockSize == 1)
  }

  /// Images of 128 KiB, two to a block, so that an epoch has many; mapped or not, on any threads, and
  /// in pieces.
  @Test func trainingHasTheSameBitsFromAFile() throws {
    let images = syntheticImages(count: 75, height: 256, width: 512)
    let directory = try TemporaryDirectory()
    func bytes(_ numbers: [Int]) -> [UInt8] {
      numbers.flatMap { number in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
    }
    let pixels = try #require(images.pixels.withContiguousStorageIfAvailable { Array($0) })
    try directory.write(
      bytes([0x803, images.count, 256, 512]) + pixels, to: "train-images-idx3-ubyte")
    try directory.write(
      bytes([0x801, images.count]) + images.labels.map { UInt8($0) }, to: "train-labels-idx1-ubyte")
    let mapped = try FileMapping.$smallestSize.withValue(0) {
      try Dataset.load(.training, from: directory.path)
    }
    #expect(mapped.pixels.isMapped && !images.pixels.isMapped)
    func weights(_ images: ImageSet, threads: Int, pieces: [Int] = []) throws -> String {
      let run = try TestRun(
        [MaxPooling(64, stride: 64), Flatten(), Dense(4)], on: images,
        configuration: TrainingConfiguration(
          batchSize: 8, threads: threads, optimizer: Adam(), seed: 5, shuffle: .blocks))
      var progress = run.trainer.begin(1)
      for steps in pieces {
        try run.trainer.train(progress, upTo: steps)
        progress = run.trainer.begin(1, sums: progress.sums, stepLosses: progress.stepLosses)
      }
      try run.trainer.train(progress)
      return "\(run.weights.fingerprint)"
    }
    let expected = try weights(images, threads: 1)
    #expect(try weights(mapped, threads: 1) == expected)
    #if os(Linux)
      // All that is read is asked for: what the system reads around it may leave it no room.
      let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
      let regions = String(decoding: try #require(try file.readToEnd()), as: UTF8.self)
        .components(separatedBy: "VmFlags:")
      let index = try #require(
        regions.firstIndex { $0.contains(directory.path(of: "train-images-idx3-ubyte")) })
      #expect(try #require(regions[index + 1].split(separator: "\n").first).contains(" rr"))
    #endif
    #expect(try weights(mapped, threads: 3, pieces: [2, 7]) == expected)
  }

  /// Each rank has the images of its own part of the next batch read, which may be the last.
  @Test(arguments: [1, 2, 3, 5], [1, 7, 64, 100])
  func ranksReadTheirPartsAhead(ranks: Int, batchSize: Int) {
    for batch in stride(from: 0, to: 1_000, by: batchSize) {
      let samples = batch..<min(batch + batchSize, 1_000)
      let places = (0..<ranks).flatMap { rank in
        ReadAhead.next(
          after: samples, of: 1_000, BatchCut(batchSize: batchSize, rank: rank, ranks: ranks),
          isMixed: false)
      }
      let next = samples.upperBound..<min(samples.upperBound + batchSize, 1_000)
      #expect(places == Array(next))
      let cut = BatchCut(batchSize: batchSize, rank: 0, ranks: ranks)
      #expect(ReadAhead.next(after: samples, of: 1_000, cut, isMixed: true) == next)
    }
  }
}
