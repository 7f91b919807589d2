import ConvoyKernelInterface

/// The kernels, compiled for this target's instruction set.
package struct CompiledKernels: KernelSet {
  /// Only with AVX-512.
  package let hasBFloat16Dot: Bool

  package init(hasBFloat16Dot: Bool = false) { self.hasBFloat16Dot = hasBFloat16Dot }

  package var instructionSet: InstructionSet {
    #if AVX512
      .avx512
    #elseif AVX2
      .avx2
    #elseif arch(arm64)
      .neon
    #else
      .baseline
    #endif
  }
}
