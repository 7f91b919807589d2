import ConvoyOptimizerLoopInterface

/// An average of parameters over the steps of training.
package enum RunningAverage {
  /// average ← average + share · (parameters − average). Every operation is rounded, so that all
  /// processors and any cut into blocks give the same bits.
  package static func update(
    _ average: UnsafeMutableBufferPointer<Float>, with parameters: UnsafeBufferPointer<Float>,
    share: Double
  ) {
    precondition(average.count == parameters.count, "a parameter for each number of the average")
    guard let values = average.baseAddress, let source = parameters.baseAddress else { return }
    unsafe LoopDispatch.best.average(
      BlockMemory(
        count: average.count, parameters: values, gradients: source, first: values, second: values,
        third: values), share: Float(share))
  }
}
