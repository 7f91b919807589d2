import OptimizerLoopInterface

/// The Euclidean norm of gradients, in double precision and a fixed order of summation.
///
/// Several threads may each sum blocks of it; the same blocks, combined in the same order, give the
/// same bits. Squares of single-precision numbers are exact in double precision and cannot overflow.
public enum GradientNorm {
  /// Gradients a block, where `norm(of:)` makes them: threads that cut at its multiples get its bits.
  public static let blockSize = 1 << 16

  /// The norm of everything, block by block.
  public static func norm(of gradients: UnsafeBufferPointer<Float>) -> Double {
    var sum = 0.0
    for start in stride(from: 0, to: gradients.count, by: blockSize) {
      let end = min(start + blockSize, gradients.count)
      sum += sumOfSquares(of: UnsafeBufferPointer(rebasing: gradients[start..<end]))
    }
    return sum.squareRoot()
  }

  public static func norm(of gradients: [Float]) -> Double {
    gradients.withUnsafeBufferPointer { norm(of: $0) }
  }

  /// The norm from the sums of all blocks, added in the order given.
  public static func norm(ofSums sums: [Double]) -> Double {
    var total = 0.0
    for sum in sums { total += sum }
    return total.squareRoot()
  }

  /// The sum of squares of a block: eight running sums, and those in pairs at the end.
  public static func sumOfSquares(of block: UnsafeBufferPointer<Float>) -> Double {
    guard let values = block.baseAddress else { return 0 }
    return LoopDispatch.best.sumOfSquares(of: values, count: block.count)
  }
}
