import ConvoyOptimizerLoopInterface

/// The Euclidean norm of gradients, summed in double precision and in a fixed order, so that any
/// number of threads gives the same bits.
///
/// Squares of single-precision numbers are exact in double precision and cannot overflow.
public enum GradientNorm {
  /// The number of gradients in a block, whose squares are summed by one thread.
  package static let blockSize = 1 << 16

  /// The square root of the sum of squares. It does not depend on the threads.
  public static func norm(of gradients: [Float], threads: Int = 1) -> Double {
    unsafe gradients.withUnsafeBufferPointer { unsafe norm(of: $0, threads: threads) }
  }

  /// The norm of gradients in memory that the caller owns.
  public static func norm(of gradients: UnsafeBufferPointer<Float>, threads: Int = 1) -> Double {
    gradients.indices.sumsOfBlocks(threads: threads) { block in
      TensorSums(
        first: unsafe sumOfSquares(of: UnsafeBufferPointer(rebasing: gradients[block])))
    }.first.squareRoot()
  }

  /// The sum of squares of a block: eight partial sums, added pairwise at the end.
  package static func sumOfSquares(of block: UnsafeBufferPointer<Float>) -> Double {
    guard let values = block.baseAddress else { return 0 }
    return unsafe LoopDispatch.best.sumOfSquares(of: values, count: block.count)
  }
}
