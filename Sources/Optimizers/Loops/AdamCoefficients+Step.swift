import OptimizerLoopInterface

extension AdamCoefficients {
  init(beta1: Double, beta2: Double, epsilon: Double, step: UpdateStep) {
    self.init(
      beta1: beta1, beta2: beta2, epsilon: epsilon,
      stepSize: step.learningRate / (1 - power(beta1, step.number)),
      rootCorrection: 1 / (1 - power(beta2, step.number)).squareRoot())
  }
}
