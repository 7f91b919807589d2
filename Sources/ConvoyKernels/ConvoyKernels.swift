import ConvoyKernelInterface

/// The kernels, compiled for this target's instruction set.
package struct CompiledKernels: KernelSet {
  package init() {}

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
