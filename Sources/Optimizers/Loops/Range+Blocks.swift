import Dispatch

extension Range<Int> {
  /// Calls `body` for each block of the range, with the blocks divided among `threads` threads.
  ///
  /// - Parameter body: writes only what belongs to its block.
  func forEachBlock(
    of blockSize: Int = GradientNorm.blockSize, threads: Int, _ body: (Range<Int>) -> Void
  ) {
    precondition(threads >= 1, "at least one thread")
    let blocks = (count + blockSize - 1) / blockSize
    let workers = Swift.min(threads, blocks)
    // Sound to share: blocks are disjoint, and this returns when all are done.
    nonisolated(unsafe) let body = body
    @Sendable func run(_ worker: Int) {
      for block in stride(from: worker, to: blocks, by: workers) {
        let first = lowerBound + block * blockSize
        unsafe body(first..<Swift.min(first + blockSize, upperBound))
      }
    }
    if workers > 1 {
      DispatchQueue.concurrentPerform(iterations: workers, execute: run)
    } else if workers == 1 {
      run(0)
    }
  }

  /// The sums over all blocks, added in the order of the blocks, so that any number of threads gives
  /// the same bits.
  func sumsOfBlocks(threads: Int, _ measure: (Range<Int>) -> TensorSums) -> TensorSums {
    var total = TensorSums()
    if threads == 1 {
      forEachBlock(threads: 1) { total += measure($0) }
    } else {
      let blockSize = GradientNorm.blockSize
      var sums = [TensorSums](repeating: TensorSums(), count: count / blockSize + 1)
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        forEachBlock(threads: threads) { block in
          unsafe sums[(block.lowerBound - lowerBound) / blockSize] = measure(block)
        }
      }
      for sum in sums { total += sum }
    }
    return total
  }
}
