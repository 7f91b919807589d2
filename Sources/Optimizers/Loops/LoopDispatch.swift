import ConvoyCPUFeatures
import ConvoyOptimizerLoopInterface
import ConvoyOptimizerLoops
import Dispatch

#if arch(x86_64)
  import ConvoyOptimizerLoopsAVX2
#endif

/// Picks the loops for this processor.
package enum LoopDispatch {
  /// The loops that this processor and operating system can run, the best last.
  package static let available: [any LoopSet] = {
    #if arch(x86_64)
      if convoy_has_avx2() {
        return [ConvoyOptimizerLoops.CompiledLoops(), ConvoyOptimizerLoopsAVX2.CompiledLoops()]
      }
    #endif
    return [ConvoyOptimizerLoops.CompiledLoops()]
  }()

  static let best = available[available.count - 1]
}

extension AdamCoefficients {
  init(beta1: Double, beta2: Double, epsilon: Double, block: borrowing UpdateBlock) {
    self.init(
      beta1: beta1, beta2: beta2, epsilon: epsilon,
      stepSize: block.learningRate / (1 - power(beta1, block.stepNumber)),
      rootCorrection: 1 / (1 - power(beta2, block.stepNumber)).squareRoot())
  }
}

extension Range<Int> {
  /// Calls `body` for each block of the range, with the blocks divided among `threads` threads.
  ///
  /// - Parameter body: writes only what belongs to its block.
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
        unsafe body(first..<Swift.min(first + blockSize, upperBound))
      }
    }
    if workers > 1 {
      DispatchQueue.concurrentPerform(iterations: workers, execute: run)
    } else if workers == 1 {
      run(0)
    }
  }
}
