/// The result of a loss kernel for one sample.
package struct LossResult: Sendable, Equatable, BitwiseCopyable {
  package var loss: Float
  /// The class with the largest logit; the first of equals.
  package var predictedClass: Int32

  package init(loss: Float, predictedClass: Int32) {
    self.loss = loss
    self.predictedClass = predictedClass
  }
}

/// Exact sums over bytes, from which mean and deviation follow.
package struct ByteSums: Sendable, Equatable {
  package var sum: UInt64
  package var squares: UInt64

  package init(sum: UInt64, squares: UInt64) {
    self.sum = sum
    self.squares = squares
  }
}
