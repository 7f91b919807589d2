/// What a loss kernel tells of one sample.
package struct LossResult: Sendable, Equatable, BitwiseCopyable {
  package var loss: Float
  /// The class with the largest logit; the first of equals.
  package var predictedClass: Int32

  package init(loss: Float, predictedClass: Int32) {
    self.loss = loss
    self.predictedClass = predictedClass
  }
}
