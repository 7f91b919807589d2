/// The Euclidean norm of gradients, in double precision and a fixed order of summation: any number of
/// threads gives the same bits.
///
/// Squares of single-precision numbers are exact in double precision and cannot overflow.
public enum GradientNorm {
  /// Gradients whose squares are summed at a time.
  package static let blockSize = 1 << 16

  public static func norm(of gradients: [Float], threads: Int = 1) -> Double {
    unsafe gradients.withUnsafeBufferPointer { unsafe norm(of: $0, threads: threads) }
  }

  /// The norm of gradients in memory that the caller owns.
  public static func norm(of gradients: UnsafeBufferPointer<Float>, threads: Int = 1) -> Double {
    var total = 0.0
    if threads == 1 {
      gradients.indices.forEachBlock(threads: 1) { block in
        unsafe total += sumOfSquares(of: UnsafeBufferPointer(rebasing: gradients[block]))
      }
    } else {
      var sums = [Double](repeating: 0, count: gradients.count / blockSize + 1)
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        gradients.indices.forEachBlock(threads: threads) { block in
          unsafe sums[block.lowerBound / blockSize] = unsafe sumOfSquares(
            of: UnsafeBufferPointer(rebasing: gradients[block]))
        }
      }
      for sum in sums { total += sum }
    }
    return total.squareRoot()
  }

  /// The sum of squares of a block: eight running sums, and those in pairs at the end.
  package static func sumOfSquares(of block: UnsafeBufferPointer<Float>) -> Double {
    guard let values = block.baseAddress else { return 0 }
    return unsafe LoopDispatch.best.sumOfSquares(of: values, count: block.count)
  }
}
