import ConvoyCPUFeatures

/// The instruction sets that kernels are built for.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// What every processor of its kind has: SSE2 on x86-64. No fused multiply-add.
  case baseline
  case avx2
  case avx512
  case neon

  /// Sets with fused multiply-add give identical bits. A set without rounds each product before
  /// adding it.
  package var fusesMultiplyAdd: Bool { self != .baseline }
}

/// Runs `body` with denormals flushed to zero on this thread. Kernels must be called this way:
/// denormals would be slow, and calling them sometimes with and sometimes without would change
/// bits.
package func flushingDenormals<Result>(_ body: () throws -> Result) rethrows -> Result {
  let controlWord = convoy_flush_denormals()
  defer { convoy_restore_denormals(controlWord) }
  return try body()
}
