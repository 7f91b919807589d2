import ConvoyCPUFeatures
import ConvoyKernelInterface
import ConvoyKernels

#if arch(x86_64)
  import ConvoyKernelsAVX2
  import ConvoyKernelsAVX512
#endif

/// Picks the kernels for this processor.
package enum KernelDispatch {
  /// The instruction sets that this processor and operating system offer, the best last.
  package static let available: [InstructionSet] = {
    #if arch(x86_64)
      var sets: [InstructionSet] = [.baseline]
      if convoy_has_avx2() { sets.append(.avx2) }
      if convoy_has_avx512() { sets.append(.avx512) }
      return sets
    #else
      return [ConvoyKernels.CompiledKernels().instructionSet]
    #endif
  }()

  /// The kernels of the best instruction set.
  package static var best: any KernelSet {
    kernels(for: available[available.count - 1]) ?? ConvoyKernels.CompiledKernels()
  }

  /// The kernels of one instruction set, or nil where the processor lacks it.
  ///
  /// - Parameter emulatingBFloat16: whether they leave VDPBF16PS unused, which changes no bit.
  package static func kernels(
    for instructionSet: InstructionSet, emulatingBFloat16: Bool = false
  ) -> (any KernelSet)? {
    guard available.contains(instructionSet) else { return nil }
    #if arch(x86_64)
      switch instructionSet {
      case .avx2: return ConvoyKernelsAVX2.CompiledKernels()
      case .avx512:
        return ConvoyKernelsAVX512.CompiledKernels(
          hasBFloat16Dot: !emulatingBFloat16 && convoy_has_avx512_bf16())
      case .baseline, .neon: break
      }
    #endif
    return ConvoyKernels.CompiledKernels()
  }

  /// Whether the processor makes more products by VDPBF16PS, if it has it, than by multiply-adds of floats.
  /// Measured: AMD's Zen 5 makes twice as many, Intel's Emerald Rapids 33 billion a second and core, and 74
  /// by multiply-adds.
  package static let hasFastBFloat16Dot = convoy_is_made_by_amd()
}
