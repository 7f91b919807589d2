import ConvoyCPUFeatures
import ConvoyOptimizerLoopInterface
import ConvoyOptimizerLoops

#if arch(x86_64)
  import ConvoyOptimizerLoopsAVX2
#endif

/// Picks the loops for this processor.
package enum LoopDispatch {
  /// Those that this processor and operating system can run, the best last.
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
