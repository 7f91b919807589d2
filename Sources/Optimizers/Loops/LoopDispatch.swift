import ConvoyCPUFeatures
import ConvoyOptimizerLoopInterface
import ConvoyOptimizerLoops

#if arch(x86_64)
  import ConvoyOptimizerLoopsAVX2
#endif

/// Picks the loops for this processor.
package enum LoopDispatch {
  /// The loops that this processor and operating system can run, the best last.
  package static let available: [any LoopSet] = {
    #if arch(x86_64)
      if convoy_has_avx2() {
        return [ConvoyOptimizerLoops.CompiledLoops(), ConvoyOptimizerLoopsAVX2.CompiledLoops()]
      }
    #endif
    return [ConvoyOptimizerLoops.CompiledLoops()]
  }()

  static let best = available[available.count - 1]
}

extension AdamCoefficients {
  init(
    beta1: Double, beta2: Double, epsilon: Double, block: borrowing UpdateBlock,
    rateFactor: Double = 1
  ) {
    self.init(
      beta1: beta1, beta2: beta2, epsilon: epsilon,
      stepSize: rateFactor * block.learningRate / (1 - power(beta1, block.stepNumber)),
      rootCorrection: 1 / (1 - power(beta2, block.stepNumber)).squareRoot())
  }
}
