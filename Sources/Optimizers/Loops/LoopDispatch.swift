import CPUFeatures
import OptimizerLoopInterface
import OptimizerLoops

#if arch(x86_64)
  import OptimizerLoopsAVX2
#endif

/// Picks the loops for this processor.
package enum LoopDispatch {
  /// Those that this processor and operating system can run, the best last.
  package static let available: [any LoopSet] = {
    #if arch(x86_64)
      if convoy_has_avx2() {
        return [OptimizerLoops.CompiledLoops(), OptimizerLoopsAVX2.CompiledLoops()]
      }
    #endif
    return [OptimizerLoops.CompiledLoops()]
  }()

  static let best = available[available.count - 1]
}
