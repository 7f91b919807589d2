import ConvoyOptimizerLoopInterface

extension AdamCoefficients {
  init(beta1: Double, beta2: Double, epsilon: Double, block: borrowing UpdateBlock) {
    self.init(
      beta1: beta1, beta2: beta2, epsilon: epsilon,
      stepSize: block.learningRate / (1 - power(beta1, block.stepNumber)),
      rootCorrection: 1 / (1 - power(beta2, block.stepNumber)).squareRoot())
  }
}
