import OptimizerLoopInterface

extension BlockMemory {
  /// The memory that an update was given, or nil if there are no parameters.
  init?(
    _ parameters: UnsafeMutableBufferPointer<Float>, _ gradients: UnsafeBufferPointer<Float>,
    _ moments: Moments, momentCount: Int
  ) {
    precondition(parameters.count == gradients.count, "a gradient for each parameter")
    precondition(momentCount < 1 || moments.first != nil, "the first moment is missing")
    precondition(momentCount < 2 || moments.second != nil, "the second moment is missing")
    precondition(momentCount < 3 || moments.third != nil, "the third moment is missing")
    guard let values = parameters.baseAddress, let slopes = gradients.baseAddress else {
      return nil
    }
    self.init(
      count: parameters.count, parameters: values, gradients: slopes,
      first: moments.first ?? values, second: moments.second ?? values,
      third: moments.third ?? values)
  }
}
