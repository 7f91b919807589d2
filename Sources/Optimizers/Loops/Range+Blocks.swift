import Dispatch

extension Range<Int> {
  /// Calls a body for each block of the range; threads share the blocks.
  ///
  /// - Parameter body: writes what belongs to its block, and nothing else.
  func forEachBlock(threads: Int, _ body: (Range<Int>) -> Void) {
    precondition(threads >= 1, "at least one thread")
    let blockSize = GradientNorm.blockSize
    let blocks = (count + blockSize - 1) / blockSize
    let workers = Swift.min(threads, blocks)
    // Sound to share: blocks are disjoint, and this returns when all are done.
    nonisolated(unsafe) let body = body
    @Sendable func run(_ worker: Int) {
      for block in stride(from: worker, to: blocks, by: workers) {
        let first = lowerBound + block * blockSize
        body(first..<Swift.min(first + blockSize, upperBound))
      }
    }
    if workers > 1 {
      DispatchQueue.concurrentPerform(iterations: workers, execute: run)
    } else if workers == 1 {
      run(0)
    }
  }
}
