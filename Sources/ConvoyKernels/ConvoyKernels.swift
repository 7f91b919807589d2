import ConvoyKernelInterface

/// The kernels, compiled for this target's instruction set.
package struct CompiledKernels: KernelSet {
  /// Only with AVX-512.
  package let hasPairProducts: Bool

  package init(hasPairProducts: Bool = false) { self.hasPairProducts = hasPairProducts }

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
