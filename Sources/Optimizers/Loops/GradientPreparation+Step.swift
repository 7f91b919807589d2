import OptimizerLoopInterface

extension GradientPreparation {
  init(for step: UpdateStep, l2: Double = 0, weightDecay: Double = 0) {
    self.init(
      scale: Float(step.gradientScale), limit: Float(step.gradientLimit),
      l2: step.isDecayed ? Float(l2) : 0,
      shrinkage: step.isDecayed ? Float(1 - step.learningRate * weightDecay) : 1)
  }
}
