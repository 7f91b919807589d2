import ConvoyCPUFeatures

/// The instruction sets that kernels are built for.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// What every processor of its kind has: SSE2 on x86-64. No fused multiply-add.
  case baseline
  case avx2
  case avx512
  case neon

  /// Sets that do give one another's bits; one that does not rounds products before it adds them.
  package var fusesMultiplyAdd: Bool { self != .baseline }
}

/// Runs `body` with denormal numbers taken as zero on this thread, as kernels are to be called: they
/// would be slow and, called once so and once otherwise, give other bits.
package func flushingDenormals<Result>(_ body: () throws -> Result) rethrows -> Result {
  let controlWord = convoy_flush_denormals()
  defer { convoy_restore_denormals(controlWord) }
  return try body()
}
